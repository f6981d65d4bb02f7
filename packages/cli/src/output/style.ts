/** Colours of one stream: names of meaning, so that a command never spells an escape sequence. */
export interface Style {
  dim(text: string): string;
  strong(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
}

const escape = String.fromCharCode(27);
// Terminal control characters (C0, DEL, C1), tab and newline included: a title or an error text comes from outside and
// must not move the cursor, recolour the screen or forge a line.
// oxlint-disable-next-line no-control-regex -- they are what is being taken out
const controls = /[\u0000-\u001f\u007f-\u009f]+/g;

/** What a name or text from outside looks like on one line of a terminal. */
export function plain(text: string): string {
  return text.replace(controls, ' ').trim();
}

/** The same for text that may have lines. */
export function plainLines(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.replace(controls, ' ').trimEnd());
}

/** The same for a piece of a text that goes on: nothing of it is trimmed. */
export function plainPiece(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.replace(controls, ' '))
    .join('\n');
}

/** With `enabled` false every style is the identity. */
export function createStyle(enabled: boolean): Style {
  const wrap = (open: number, close: number) => (text: string) =>
    enabled && text !== '' ? `${escape}[${open}m${text}${escape}[${close}m` : text;
  return { dim: wrap(2, 22), strong: wrap(1, 22), good: wrap(32, 39), warn: wrap(33, 39), bad: wrap(31, 39) };
}

export interface ColourChoice {
  /** False after `--no-color`. */
  readonly wanted: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTTY: boolean;
}

/** No colour on a pipe, on a dumb terminal, with `NO_COLOR` (any value but empty) or `--no-color`. */
export function coloured({ wanted, env, isTTY }: ColourChoice): boolean {
  const refused = env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '';
  return wanted && isTTY && !refused && env['TERM'] !== 'dumb';
}

const good = new Set([
  'ready',
  'active',
  'running',
  'healthy',
  'pass',
  'passed',
  'completed',
  'resolved',
  'ok',
  'loaded',
  'proven',
  'delivered',
  'added',
  'upgraded',
]);
const bad = new Set([
  'failed',
  'fail',
  'stopped',
  'unhealthy',
  'unreachable',
  'critical',
  'error',
  'failed_terminal',
  'quarantined',
  'backing_off',
  'refused',
]);
const warn = new Set([
  'paused',
  'degraded',
  'unavailable',
  'warning',
  'open',
  'blocked_needs_operator',
  'booting',
  'incompatible',
  'denied',
  'parked',
  'restart_needed',
]);

/** Colours a state word by what it means to an operator; an unfamiliar word stays as it is. */
export function tint(style: Style, word: string): string {
  if (good.has(word)) return style.good(word);
  if (bad.has(word)) return style.bad(word);
  return warn.has(word) ? style.warn(word) : word;
}
