const longest = 200;

/** A payload on one line, cut where it is long. */
export function words(payload: unknown): string {
  const text = JSON.stringify(payload) ?? '';
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
