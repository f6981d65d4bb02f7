/** JSON as people read it: indented, keys in the order they came. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, null, 2) ?? 'undefined';
}

/** The first facts of a payload on one line: `ticketId 41 · outcome completed`. */
export function jsonLine(payload: Readonly<Record<string, unknown>>, most = 4): string {
  const entries = Object.entries(payload);
  const shown = entries.slice(0, most).map(([key, value]) => `${key} ${brief(value)}`);
  return entries.length > most ? `${shown.join(' · ')} · …` : shown.join(' · ');
}

function brief(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(brief).join(', ');
  return typeof value === 'object' && value !== null ? '{…}' : String(value);
}
