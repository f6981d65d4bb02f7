import type { ArtifactType } from './contract.ts';

const signatures: readonly (readonly [type: ArtifactType, at: number, bytes: string])[] = [
  ['image/png', 0, '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/gif', 0, 'GIF87a'],
  ['image/gif', 0, 'GIF89a'],
  ['image/webp', 8, 'WEBPVP8'],
  ['application/pdf', 0, '%PDF-'],
];

/** How a text is told to be more than text; it shows no other way. */
const textTypes: Readonly<Record<string, ArtifactType>> = {
  json: 'application/json',
  csv: 'text/csv',
  md: 'text/markdown',
  markdown: 'text/markdown',
};
const isTextType = (type: ArtifactType): boolean => type.startsWith('text/') || type === 'application/json';
const controls = /\p{Cc}/gu;
/** Of control characters: tab, end of line, form feed and what begins the colours of a terminal. */
const ofText: ReadonlySet<string> = new Set(['\t', '\n', '\f', '\r', '\u001b']);

/**
 * What the bytes are; undefined when they are nothing that may be kept, or not what they are said to be. Binary kinds are
 * known by how they begin, text by being text; which kind of text it is, is the word of whoever brings it.
 */
export function sniff(
  bytes: Uint8Array,
  said: { readonly type?: ArtifactType | undefined; readonly name: string },
): ArtifactType | undefined {
  const shown = signatures.find(([, at, signature]) => beginsWith(bytes, at, signature))?.[0];
  if (shown !== undefined) return said.type === undefined || said.type === shown ? shown : undefined;
  if (said.type !== undefined && !isTextType(said.type)) return undefined;
  const text = textOf(bytes);
  if (text === undefined) return undefined;
  const extension = said.name.split('.').at(-1)?.toLowerCase() ?? '';
  const named = said.type ?? textTypes[extension] ?? 'text/plain';
  if (named !== 'application/json' || isJson(text)) return named;
  return said.type === undefined ? 'text/plain' : undefined;
}

function beginsWith(bytes: Uint8Array, at: number, signature: string): boolean {
  return Buffer.from(bytes.subarray(at, at + signature.length)).toString('latin1') === signature;
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const isText = (text.match(controls) ?? []).every((character) => ofText.has(character));
    return isText ? text : undefined;
  } catch {
    return undefined; // not UTF-8
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // its text says more about it than a parser's complaint
  }
}
