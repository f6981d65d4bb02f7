import { KoraError } from '@kora/runtime/plugin';
import { placeOf, valueAt } from './path.ts';
import type { Place, Said } from './path.ts';

interface Hole {
  readonly place: Place;
  /** What stands there instead when nothing was sent. */
  readonly otherwise: string | undefined;
}

/** A text with holes: `Issue {body.issue.number}: {body.issue.title|untitled}`. */
export type Template = readonly (string | Hole)[];

/** What a template needs and was not sent. */
export class Missing extends Error {
  readonly path: string;

  constructor(path: string) {
    super(`${path} was not sent`);
    this.path = path;
  }
}

/** Characters that one hole may bring into a text. */
const longestHole = 2_000;
const token = /\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+/g;

/** Reads a template; `{{` and `}}` are braces. Throws PLUGIN_WEBHOOKS_TEMPLATE, which says what is wrong with it. */
export function templateOf(text: string): Template {
  const pieces: (string | Hole)[] = [];
  for (const [found, hole] of text.matchAll(token)) {
    if (hole !== undefined) pieces.push(holeOf(hole));
    else if (found === '{{' || found === '}}') pieces.push(found.charAt(0));
    else if (found === '{' || found === '}')
      throw unread(`a lone ${found}: write ${found}${found} for the character itself`);
    else pieces.push(found);
  }
  return pieces;
}

function holeOf(inside: string): Hole {
  const bar = inside.indexOf('|');
  const path = bar < 0 ? inside : inside.slice(0, bar);
  const place = placeOf(path.trim());
  if (place === undefined)
    throw unread(`{${inside}} names no place: write {body.a.b[0]} or {header.x-name}, in lower case`);
  return { place, otherwise: bar < 0 ? undefined : inside.slice(bar + 1) };
}

function unread(why: string): KoraError {
  return new KoraError('PLUGIN_WEBHOOKS_TEMPLATE', why, { fix: 'kora config validate' });
}

/** The headers that a template names. */
export function headersIn(template: Template): string[] {
  return template.flatMap((piece) =>
    typeof piece !== 'string' && piece.place.root === 'header' ? String(piece.place.steps[0]) : [],
  );
}

/** The template as a text. Throws Missing. */
export function textOf(template: Template, said: Said): string {
  return template.map((piece) => (typeof piece === 'string' ? piece : textIn(piece, said))).join('');
}

/** What was sent itself where the template is one hole and nothing else, and otherwise its text. Throws Missing. */
export function valueOf(template: Template, said: Said): unknown {
  const [only] = template;
  if (template.length !== 1 || only === undefined || typeof only === 'string') return textOf(template, said);
  const value = valueAt(only.place, said) ?? only.otherwise;
  if (value === undefined) throw new Missing(only.place.path);
  return value;
}

function textIn({ place, otherwise }: Hole, said: Said): string {
  const value = valueAt(place, said) ?? otherwise;
  if (value === undefined) throw new Missing(place.path);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return (text ?? '').slice(0, longestHole);
}

/** Text of strangers on one line of ours: no control characters, nothing that turns the direction of writing. */
export function oneLine(text: string, most: number): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .slice(0, most)
    .toWellFormed();
}
