/** What concerns one connection, or lets in whoever has it: no business of a plugin. */
const keptBack = new Set([
  'cookie',
  'proxy-authorization',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
]);

/** What describes an answer. A header that is not named here could speak for the whole host, as a cookie does. */
const describes = new Set([
  'cache-control',
  'etag',
  'last-modified',
  'expires',
  'vary',
  'location',
  'link',
  'retry-after',
]);
const describing = /^(?:content-(?:type|language|disposition|range)|access-control-[a-z-]+|x-[a-z0-9-]+)$/;
/** Ours to say. */
const reserved = /^x-(?:frame-options|content-type-options|kora-.*)$/;

/** The headers of a request as a plugin may see them; `credentials` of a caller are for trusted ones alone. */
export function headersIn(
  headers: Headers,
  { credentials }: { readonly credentials: boolean },
): Record<string, string> {
  const shown = [...headers].filter(
    ([name]) =>
      !keptBack.has(name) && !name.startsWith('x-kora-') && (credentials || name !== 'authorization'),
  );
  return Object.fromEntries(shown);
}

/** Whether a header of a plugin's answer may leave. */
export function mayLeave(name: string): boolean {
  const lower = name.toLowerCase();
  return !reserved.test(lower) && (describes.has(lower) || describing.test(lower));
}
