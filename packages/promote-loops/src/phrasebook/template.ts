import { compare } from '../cluster/cluster.ts';
import { alike, maskedOf } from './agreement.ts';
import type { Likeness, Masked } from './agreement.ts';
import { isSameValue, literalsIn } from './literals.ts';

/** One answer of an engine, and what a reply could have said at that moment, by path. */
export interface Answered {
  readonly answer: string;
  readonly values: ReadonlyMap<string, string>;
}

export interface TemplateBounds {
  readonly likeness: Likeness;
  /** Whether something in a reply would not be true the next time. */
  readonly isStale: (reply: string) => boolean;
  /** Share of the answers that must say the same. */
  readonly consistency: number;
}

export type Template =
  | { readonly reply: string; readonly consistency: number }
  | { readonly refusal: string };

/** Share of the answers in which a value must stand in its field. */
const leastMapped = 0.9;
/** A value that never changed is in many fields by chance. */
const leastDistinct = 2;
const mostShapes = 64;
const shortestName = 3;

/** Private characters: no answer has one. */
const open = '\uE000';
const close = '\uE001';
const fieldMark = /\uE000([^\uE001]*)\uE001/g;

/**
 * The reply that says what these answers said. Every value in it that varies is a field of the snapshot in which it stood
 * when it was said, in at least nine answers of ten; a figure that is in no field, or that never changed so that no field
 * can be told from another, makes it no reply at all: nothing stale is ever learned. The same answers, in the same order,
 * give the same.
 */
export function templateOf(
  answers: readonly Answered[],
  { likeness, consistency, isStale }: TemplateBounds,
): Template {
  if (answers.length === 0) return { refusal: 'no answer is kept' };
  const names = namesSaid(answers);
  const shaped = answers.map((answered) => ({ ...answered, text: named(answered, names) }));
  const shapes = [...Map.groupBy(shaped, ({ text }) => shapeOf(text))]
    .map(([shape, members]) => ({ shape, members, masked: maskedOf(plainOf(members[0]?.text ?? '')) }))
    .sort((one, other) => other.members.length - one.members.length || compare(one.shape, other.shape))
    .slice(0, mostShapes);
  const usual = shapes
    .map((shape) => ({ ...shape, covered: coverage(shape.masked, shapes, likeness) / answers.length }))
    .sort((one, other) => other.covered - one.covered);
  const [most] = usual;
  if (most === undefined || most.covered < consistency)
    return { refusal: `only ${Math.round((most?.covered ?? 0) * 100)} % of the answers say the same` };
  let refusal = '';
  // Said in several ways, it is learned in the first that will stay true.
  for (const { covered, members } of usual.filter((one) => one.covered >= consistency)) {
    const fields = fieldsOf(members);
    const reply = 'refusal' in fields ? '' : replyOf(members[0]?.text ?? '', fields.paths);
    if ('refusal' in fields) refusal ||= fields.refusal;
    else if (isStale(reply)) refusal ||= 'something in it will not stay true';
    else return { reply, consistency: covered };
  }
  return { refusal };
}

/** How many answers are of a shape like it, one word that decides and one value more or less apart. */
function coverage(
  of: Masked,
  shapes: readonly { readonly masked: Masked; readonly members: readonly unknown[] }[],
  likeness: Likeness,
): number {
  let covered = 0;
  for (const { masked, members } of shapes)
    if (alike(of, masked, likeness) !== undefined) covered += members.length;
  return covered;
}

/** Fields of words whose value stands in nearly every answer, and was not always the same; the longest first. */
function namesSaid(answers: readonly Answered[]): readonly string[] {
  const seen = new Map<string, { times: number; readonly values: Set<string> }>();
  const withValues = answers.filter(({ values }) => values.size > 0);
  for (const { answer, values } of withValues)
    for (const [path, value] of values) {
      if (!answer.includes(value) || !isName(value) || placeOf(answer, value) < 0) continue;
      const known = seen.get(path) ?? { times: 0, values: new Set<string>() };
      known.times += 1;
      known.values.add(value);
      seen.set(path, known);
    }
  const said = [...seen].filter(
    ([, { times, values }]) => times >= withValues.length * leastMapped && values.size >= leastDistinct,
  );
  // Fields that always say the same are one: the shortest path stands for all.
  const distinct = new Map<string, string>();
  for (const [path, { values }] of said.toSorted(
    ([one], [other]) => one.length - other.length || compare(one, other),
  )) {
    const key = [...values].join('\n');
    if (!distinct.has(key)) distinct.set(key, path);
  }
  const lengthOf = (path: string): number =>
    Math.min(...[...(seen.get(path)?.values ?? [''])].map((one) => one.length));
  return [...distinct.values()].sort((one, other) => lengthOf(other) - lengthOf(one) || compare(one, other));
}

/** Words of a field; a figure or a time is found as a figure. */
function isName(value: string): boolean {
  if (value.length < shortestName || value.length > 1_000) return false;
  const [whole] = literalsIn(value);
  return whole === undefined || whole.from !== 0 || whole.to !== value.length;
}

const wordBefore = /[\p{L}\p{N}_]$/u;
const wordAfter = /^[\p{L}\p{N}_]/u;

/** Where a value stands in a text as words of its own; below 0 where it does not. */
function placeOf(text: string, value: string): number {
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
    const isInside =
      wordBefore.test(text.slice(Math.max(0, at - 1), at)) ||
      wordAfter.test(text.slice(at + value.length, at + value.length + 1));
    if (!isInside) return at;
  }
  return -1;
}

/** The answer with its fields of words marked. */
function named({ answer, values }: Answered, names: readonly string[]): string {
  let text = answer.replaceAll(/[\uE000\uE001]/g, '');
  for (const path of names) {
    const value = values.get(path);
    const at = value === undefined ? -1 : placeOf(text, value);
    if (at < 0 || value === undefined || isMarked(text, at)) continue;
    text = `${text.slice(0, at)}${open}${path}${close}${text.slice(at + value.length)}`;
  }
  return text;
}

/** Inside of what a longer field has taken. */
function isMarked(text: string, at: number): boolean {
  return text.lastIndexOf(open, at) > text.lastIndexOf(close, at);
}

interface Piece {
  readonly text: string;
  readonly is: 'text' | 'field' | 'literal';
}

/** Text, fields and values in their order. */
function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const found of text.matchAll(fieldMark)) {
    pieces.push(...plainPieces(text.slice(at, found.index)), { text: found[1] ?? '', is: 'field' });
    at = found.index + found[0].length;
  }
  return [...pieces, ...plainPieces(text.slice(at))];
}

function plainPieces(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { from, to } of literalsIn(text)) {
    pieces.push({ text: text.slice(at, from), is: 'text' }, { text: text.slice(from, to), is: 'literal' });
    at = to;
  }
  return [...pieces, { text: text.slice(at), is: 'text' }];
}

function shapeOf(text: string): string {
  return plainOf(text).toLowerCase().replaceAll(/\s+/g, ' ').trim();
}

/** The text with a figure for whatever may be another tomorrow. */
function plainOf(text: string): string {
  return piecesOf(text)
    .map((piece) => (piece.is === 'text' ? piece.text : '0'))
    .join('');
}

/** The field of each value, in the order of the values. */
function fieldsOf(
  members: readonly (Answered & { readonly text: string })[],
): { readonly paths: readonly string[] } | { readonly refusal: string } {
  const rows = members.map(({ text, values }) => ({
    values,
    said: piecesOf(text).flatMap((piece) => (piece.is === 'literal' ? [piece.text] : [])),
  }));
  const paths: string[] = [];
  for (let slot = 0; slot < (rows[0]?.said.length ?? 0); slot += 1) {
    const said = rows.map(({ said: literals, values }) => ({ literal: literals[slot] ?? '', values }));
    const path = fieldOf(said);
    if (path === undefined) return { refusal: `${said[0]?.literal ?? ''} is in no field of the snapshot` };
    paths.push(path);
  }
  return { paths };
}

function fieldOf(
  said: readonly { readonly literal: string; readonly values: ReadonlyMap<string, string> }[],
): string | undefined {
  const rows = said.filter(({ values }) => values.size > 0);
  const fits = new Map<string, { times: number; readonly distinct: Set<string> }>();
  for (const { literal, values } of rows)
    for (const [path, value] of values) {
      if (!isSameValue(literal, value)) continue;
      const known = fits.get(path) ?? { times: 0, distinct: new Set<string>() };
      known.times += 1;
      known.distinct.add(literal);
      fits.set(path, known);
    }
  return [...fits]
    .filter(([, { times, distinct }]) => times >= rows.length * leastMapped && distinct.size >= leastDistinct)
    .sort(
      ([one, ofOne], [other, ofOther]) =>
        ofOther.times - ofOne.times || one.length - other.length || compare(one, other),
    )
    .map(([path]) => path)[0];
}

function replyOf(text: string, paths: readonly string[]): string {
  let slot = 0;
  return piecesOf(text)
    .map((piece) => {
      if (piece.is === 'field') return `{${piece.text}}`;
      if (piece.is === 'text') return piece.text.replaceAll('{', '{{').replaceAll('}', '}}');
      return `{${paths[slot++] ?? ''}}`;
    })
    .join('')
    .trim();
}
