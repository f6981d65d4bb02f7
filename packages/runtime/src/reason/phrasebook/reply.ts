import { fault } from '../../fault/index.ts';
import type { Snapshot } from '../snapshot/contract.ts';
import { readValue } from '../snapshot/value.ts';
import type { Captures } from './matcher.ts';

/** A reply in its parts: text as it stands, and values that are read when it is said. */
export type ReplyPart = string | Placeholder;

export interface Placeholder {
  /** As written, without the braces. */
  readonly path: string;
  /** `service_health`, `services`, and a key: of the snapshot, or the word that the pattern kept. */
  readonly steps: readonly string[];
  /** The last step is the name of a kept word. */
  readonly capture: string | undefined;
}

/**
 * Takes a reply apart. `{{` and `}}` are braces. Throws KORA_PHRASEBOOK_INVALID for a placeholder that the snapshot does
 * not have, or a kept word that the pattern does not keep.
 */
export function parseReply(
  text: string,
  paths: ReadonlySet<string>,
  captures: ReadonlySet<string>,
): readonly ReplyPart[] {
  const parts: ReplyPart[] = [];
  const plain: string[] = [];
  const flush = (): void => {
    if (plain.length > 0) parts.push(plain.splice(0).join(''));
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    const isDoubled = text[at + 1] === character;
    if (character !== '{' && character !== '}') plain.push(character);
    else if (isDoubled) {
      plain.push(character);
      at += 1;
    } else if (character === '}') throw wrong('a } without its {; a brace is written }}');
    else {
      const end = text.indexOf('}', at);
      if (end < 0) throw wrong('a { without its }; a brace is written {{');
      flush();
      parts.push(placeholderOf(text.slice(at + 1, end), paths, captures));
      at = end;
    }
  }
  flush();
  return parts;
}

function placeholderOf(path: string, paths: ReadonlySet<string>, captures: ReadonlySet<string>): Placeholder {
  if (!path.startsWith('snapshot.')) throw wrong(`{${path}} is none; it is written {snapshot.section.field}`);
  const rest = path.slice('snapshot.'.length);
  if (paths.has(path)) return { path, steps: rest.split('.'), capture: undefined };
  const list = [...paths].find((known) => known.endsWith('.*') && path.startsWith(known.slice(0, -1)));
  if (list === undefined) throw wrong(`{${path}} is not in the snapshot; ${nearest(path, paths)}`);
  const steps = list.slice('snapshot.'.length, -'.*'.length).split('.');
  const key = path.slice(list.length - 1);
  const kept = /^<(.+)>$/.exec(key)?.[1];
  if (kept === undefined) return { path, steps: [...steps, key], capture: undefined };
  if (!captures.has(kept)) throw wrong(`the pattern keeps no <${kept}>`);
  return { path, steps: [...steps, kept], capture: kept };
}

function nearest(path: string, paths: ReadonlySet<string>): string {
  const section = path.split('.').slice(0, 2).join('.');
  const near = [...paths].filter((known) => known.startsWith(`${section}.`));
  return near.length > 0 ? `there are ${near.join(', ')}` : 'kora snapshot shows what is';
}

/** What a reply says now; a string in `missing` names the first value that is not known, or not fresh. */
export function render(
  parts: readonly ReplyPart[],
  { snapshot, nowMs, captures }: Saying,
): { readonly text: string } | { readonly missing: string } {
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') {
      text += part;
      continue;
    }
    const said = snapshot === null ? undefined : readValue(snapshot, stepsOf(part, captures), nowMs);
    if (said === undefined) return { missing: part.path };
    text += said;
    if (text.length > longestAnswer) return { missing: part.path };
  }
  return { text };
}

export interface Saying {
  readonly snapshot: Snapshot | null;
  readonly nowMs: number;
  readonly captures: Captures;
}

/** Values make an answer longer than its reply; not without end. */
const longestAnswer = 16_384;

function stepsOf({ steps, capture }: Placeholder, captures: Captures): readonly string[] {
  return capture === undefined ? steps : [...steps.slice(0, -1), captures.get(capture) ?? ''];
}

function wrong(why: string): Error {
  return fault('KORA_PHRASEBOOK_INVALID', `reply: ${why}`);
}
