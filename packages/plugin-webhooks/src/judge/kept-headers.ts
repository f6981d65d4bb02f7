import type { IncomingHttpHeaders } from 'node:http';

/** Headers that are kept of every webhook; of the others nothing is. Signatures and credentials are not among them. */
export const keptHeaders: readonly string[] = [
  'content-type',
  'user-agent',
  'x-github-delivery',
  'x-github-event',
  'x-github-hook-id',
  'x-kora-delivery',
  'x-kora-timestamp',
  'x-slack-request-timestamp',
];

/** Characters of one header that are kept. */
const longest = 500;

export function kept(headers: IncomingHttpHeaders, more: readonly string[]): Record<string, string> {
  const named = [...keptHeaders, ...more].flatMap((name): [string, string][] => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value.replaceAll('\0', '').slice(0, longest)]] : [];
  });
  return Object.fromEntries(named);
}
