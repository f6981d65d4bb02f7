import { routes } from './routes.ts';

/** What a key asks for. */
export type KeyCommand =
  | { readonly kind: 'go'; readonly path: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'filter' };

/** A key press, as far as it matters here. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  /** Whether the focus is where text is typed. */
  readonly typing: boolean;
  /** Milliseconds, any clock. */
  readonly at: number;
}

/** When `g` was pressed, or null. */
export type KeyMemory = number | null;

/** How long `g` waits for its second key. */
export const chordMs = 1_200;

/** What a press asks for, and what to remember of it. Never fires in inputs or with a modifier. */
export function press(memory: KeyMemory, event: KeyPress): readonly [KeyMemory, KeyCommand | null] {
  if (event.typing || event.ctrlKey || event.metaKey || event.altKey) return [null, null];
  if (memory !== null && event.at - memory <= chordMs) {
    const route = routes.find((candidate) => candidate.key === event.key);
    if (route !== undefined) return [null, { kind: 'go', path: route.path }];
  }
  switch (event.key) {
    case 'g':
      return [event.at, null];
    case '?':
      return [null, { kind: 'help' }];
    case '/':
      return [null, { kind: 'filter' }];
    default:
      return [null, null];
  }
}

export interface KeyRow {
  readonly keys: string;
  readonly does: string;
}

/** The sheet: every key once. */
export const keyRows: readonly KeyRow[] = [
  ...routes.map((route) => ({ keys: `g ${route.key}`, does: route.title })),
  { keys: '/', does: 'Filter this page' },
  { keys: '?', does: 'This sheet' },
  { keys: 'Esc', does: 'Close' },
];
