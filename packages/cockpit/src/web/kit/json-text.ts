/** JSON as people read it: indented, keys in the order they came. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, null, 2) ?? 'undefined';
}

/** What tells most about an event, in the order in which one would say it. */
const tellingFirst = [
  'title',
  'probe',
  'plugin',
  'daemon',
  'task',
  'from_primary_state',
  'to_primary_state',
  'from',
  'to',
  'status',
  'resolution',
  'outcome',
  'cause',
  'summary',
  'error',
  'detail',
  'reason',
  'severity',
  'kind',
  'channel',
];

/** The telling facts of a payload on one line: `probe shop · from healthy · to unreachable`. */
export function jsonLine(payload: Readonly<Record<string, unknown>>, most = 4): string {
  const entries = Object.entries(payload)
    .filter(([, value]) => value !== null)
    .sort(([a], [b]) => rank(a) - rank(b));
  const shown = entries.slice(0, most).map(([key, value]) => `${key} ${brief(value)}`);
  return entries.length > most ? `${shown.join(' · ')} · …` : shown.join(' · ');
}

function rank(key: string): number {
  const at = tellingFirst.indexOf(key);
  return at < 0 ? tellingFirst.length : at;
}

function brief(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(brief).join(', ');
  return typeof value === 'object' && value !== null ? '{…}' : String(value);
}
