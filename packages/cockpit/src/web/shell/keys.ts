import { routes } from './routes.ts';

/** What a key asks for. */
export type KeyCommand =
  | { readonly kind: 'go'; readonly path: string }
  | { readonly kind: 'row'; readonly step: 1 | -1 }
  | { readonly kind: 'pick'; readonly range: boolean }
  | { readonly kind: SimpleCommand };

/** What one key does without more to say. */
export const simpleCommands = [
  'help',
  'filter',
  'facets',
  'peek',
  'open',
  'live',
  'copy',
  'utc',
  'rail',
  'view',
  'palette',
  'stop',
] as const;
export type SimpleCommand = (typeof simpleCommands)[number];

/** A key press, as far as it matters here. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  /** Whether the focus is where text is typed, or in a dialog. */
  readonly typing: boolean;
  /** Whether the focus is on what answers Enter and Space itself: a button, a link. */
  readonly pressable: boolean;
  /** Milliseconds, any clock. */
  readonly at: number;
}

/** When `g` was pressed, or null. */
export type KeyMemory = number | null;

/** How long `g` waits for its second key. */
export const chordMs = 1_200;

/** The keys that a person may change: one character each. */
export const usualKeys = {
  next: 'j',
  previous: 'k',
  pick: 'x',
  help: '?',
  filter: '/',
  facets: 'f',
  live: '.',
  copy: 'y',
  utc: 'u',
  rail: '[',
  view: 'v',
} as const satisfies Readonly<Record<string, string>>;
export type KeyName = keyof typeof usualKeys;
export type KeyMap = Readonly<Record<KeyName, string>>;

/**
 * What a press asks for, and what to remember of it. Letters never fire in inputs or with a modifier; the palette and the
 * stop dialog open from anywhere, and only open.
 */
export function press(
  memory: KeyMemory,
  event: KeyPress,
  map: KeyMap = usualKeys,
): readonly [KeyMemory, KeyCommand | null] {
  const { key } = event;
  const low = key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && !event.altKey) {
    if (low === 'k' && !event.shiftKey) return [null, { kind: 'palette' }];
    if (low === 's' && event.shiftKey && event.ctrlKey) return [null, { kind: 'stop' }];
  }
  if (event.typing || event.ctrlKey || event.metaKey || event.altKey) return [null, null];
  if (memory !== null && event.at - memory <= chordMs) {
    const route = routes.find((candidate) => candidate.key === key);
    if (route !== undefined) return [null, { kind: 'go', path: route.path }];
  }
  if (key === 'g') return [event.at, null];
  return [null, commandOf(event, map)];
}

function commandOf({ key, shiftKey, pressable }: KeyPress, map: KeyMap): KeyCommand | null {
  if (key === ' ' || key === 'Enter') return pressable ? null : { kind: key === ' ' ? 'peek' : 'open' };
  if (key === map.next) return { kind: 'row', step: 1 };
  if (key === map.previous) return { kind: 'row', step: -1 };
  if (key.toLowerCase() === map.pick) return { kind: 'pick', range: shiftKey };
  const simple = simpleCommands.find((name) => name in map && map[name as KeyName] === key);
  return simple === undefined ? null : { kind: simple };
}

export interface KeyRow {
  readonly keys: string;
  readonly does: string;
  /** What it is called where it may be changed. */
  readonly name?: KeyName;
}

/** The sheet: every key once. */
export function keyRows(map: KeyMap = usualKeys): readonly KeyRow[] {
  const own = (name: KeyName, does: string): KeyRow => ({ keys: map[name], does, name });
  return [
    ...routes.map((route) => ({ keys: `g ${route.key}`, does: route.title })),
    own('next', 'Next row'),
    own('previous', 'Row before'),
    { keys: 'Enter', does: 'Open the row' },
    { keys: 'Space', does: 'Peek at the row' },
    own('pick', 'Pick the row; with Shift all up to it'),
    { keys: 'n', does: 'On a reasoning call: the older one' },
    { keys: 'p', does: 'On a reasoning call: the newer one' },
    own('copy', 'Copy the link of the row'),
    own('filter', 'Filter this page'),
    own('facets', 'Choose from its facets'),
    own('live', 'Hold the page still, or let it go on'),
    own('view', 'Another view of the same'),
    own('utc', 'Local time or UTC'),
    own('rail', 'Narrow or wide rail'),
    own('help', 'This sheet'),
    { keys: 'Ctrl+K', does: 'Go to anything' },
    { keys: 'Ctrl+Shift+S', does: 'The stop dialog' },
    { keys: 'Esc', does: 'Close' },
  ];
}
