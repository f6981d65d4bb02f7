import { isDeepStrictEqual } from 'node:util';
import { applyEdits, findNodeAtLocation, modify, parse, parseTree } from 'jsonc-parser';
import type { JSONPath, Node } from 'jsonc-parser';

const options = { formattingOptions: { insertSpaces: true, tabSize: 2, eol: '\n' } };

/**
 * The text with `after` at a path where `before` stood, changed no more than it must be: who wrote a comment beside one
 * thing finds it there when another thing has come.
 */
export function withValue(text: string, path: JSONPath, before: unknown, after: unknown): string {
  const edited = before === undefined || after === undefined ? undefined : edit(text, path, before, after);
  // What a parser of comments makes of an odd file is believed only once it was read again.
  if (edited !== undefined && isDeepStrictEqual(valueAt(edited, path), after)) return edited;
  return put(text, path, after);
}

function edit(text: string, path: JSONPath, before: unknown, after: unknown): string {
  if (isDeepStrictEqual(before, after)) return text;
  if (isObject(before) && isObject(after)) return editObject(text, path, before, after);
  return Array.isArray(before) && Array.isArray(after)
    ? editList(text, path, before, after)
    : put(text, path, after);
}

type Plain = Readonly<Record<string, unknown>>;

function editObject(text: string, path: JSONPath, before: Plain, after: Plain): string {
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  const rest = gone.reduce((left, key) => put(left, [...path, key], undefined), text);
  return Object.entries(after).reduce(
    (done, [key, value]) =>
      Object.hasOwn(before, key)
        ? edit(done, [...path, key], before[key], value)
        : put(done, [...path, key], value),
    rest,
  );
}

/** A run of elements that came, went or changed, between those that stayed. */
function editList(
  text: string,
  path: JSONPath,
  before: readonly unknown[],
  after: readonly unknown[],
): string {
  const shorter = Math.min(before.length, after.length);
  const same = (one: unknown, other: unknown): boolean => isDeepStrictEqual(one, other);
  let head = 0;
  while (head < shorter && same(before[head], after[head])) head += 1;
  let tail = 0;
  while (tail < shorter - head && same(before.at(-1 - tail), after.at(-1 - tail))) tail += 1;
  const both = shorter - head - tail;
  let edited = text;
  for (let at = head; at < head + both; at += 1) edited = edit(edited, [...path, at], before[at], after[at]);
  for (let at = before.length - tail - 1; at >= head + both; at -= 1) edited = without(edited, [...path, at]);
  for (let at = head + both; at < after.length - tail; at += 1) {
    const edits = modify(edited, [...path, at], after[at], { ...options, isArrayInsertion: true });
    edited = applyEdits(edited, edits);
  }
  return edited;
}

/** Takes an element out with the comma and the comment behind it, and leaves what stands before the next one. */
function without(text: string, path: JSONPath): string {
  const node = findNodeAtLocation(parseTree(text, [], { allowTrailingComma: true }) ?? nothing, path);
  if (node === undefined) return text;
  const behind = /^[ \t]*,[ \t]*(?:\/\/[^\n]*)?\n?/.exec(text.slice(node.offset + node.length));
  if (behind === null) return put(text, path, undefined);
  const before = text.slice(0, node.offset);
  const isLine = behind[0].endsWith('\n') && /\n[ \t]*$/.test(before);
  const head = isLine ? before.replace(/[ \t]*$/, '') : before;
  return head + text.slice(node.offset + node.length + behind[0].length);
}

/** The text without a key, and with all around it as it was; what is written above it stays, for it may be about more. */
export function withoutKey(text: string, path: JSONPath): string {
  const node = findNodeAtLocation(parseTree(text, [], { allowTrailingComma: true }) ?? nothing, path)?.parent;
  if (node?.type !== 'property') return put(text, path, undefined);
  const [before, after] = [text.slice(0, node.offset), text.slice(node.offset + node.length)];
  const [behind = ''] = /^[ \t]*,[ \t]*(?:\/\/[^\n]*)?\n?/.exec(after) ?? [];
  const isLine = behind.endsWith('\n') && /\n[ \t]*$/.test(before);
  // The last one of its table leaves no comma behind that stood before it.
  const head = isLine ? before.replace(/[ \t]*$/, '') : behind === '' ? before.replace(/,\s*$/, '') : before;
  const edited = head + after.slice(behind.length);
  const wanted = parse(put(text, path, undefined), [], { allowTrailingComma: true }) as unknown;
  // What a parser of comments makes of an odd file is believed only once it was read again.
  return isDeepStrictEqual(parse(edited, [], { allowTrailingComma: true }), wanted)
    ? edited
    : put(text, path, undefined);
}

const nothing: Node = { type: 'null', offset: 0, length: 0 };

function put(text: string, path: JSONPath, value: unknown): string {
  return applyEdits(text, modify(text, path, value, options));
}

/** What stands at a path; undefined where nothing does. */
export function valueAt(text: string, path: JSONPath): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    parse(text, [], { allowTrailingComma: true }),
  );
}

function isObject(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
