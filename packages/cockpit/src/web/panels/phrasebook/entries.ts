import type { PhrasebookView } from '@kora/runtime/client';
import type { DiffLine } from '../../kit/diff.tsx';

/** One known question as the operator writes it; a reply of null leaves it to whoever thinks. */
export type Entry = PhrasebookView['overlay'][number];

/** An entry that is being written: its key is the page's own, since patterns change as they are typed. */
export interface Draft extends Entry {
  readonly key: number;
}

/** The operator's entries, ready to be written on. */
export function draftsOf(overlay: readonly Entry[]): readonly Draft[] {
  return overlay.map((entry, key) => ({ ...entry, key }));
}

export function added(drafts: readonly Draft[]): readonly Draft[] {
  const key = drafts.reduce((most, draft) => Math.max(most, draft.key + 1), 0);
  return [...drafts, { key, pattern: '', reply: '', category: 'own', description: 'my own' }];
}

export function changed(drafts: readonly Draft[], key: number, part: Partial<Entry>): readonly Draft[] {
  return drafts.map((draft) => (draft.key === key ? { ...draft, ...part } : draft));
}

export function removed(drafts: readonly Draft[], key: number): readonly Draft[] {
  return drafts.filter((draft) => draft.key !== key);
}

/** One place up or down: the first entry that fits answers. At the end nothing moves. */
export function moved(drafts: readonly Draft[], key: number, step: 1 | -1): readonly Draft[] {
  const from = drafts.findIndex((draft) => draft.key === key);
  const draft = drafts[from];
  const other = drafts[from + step];
  if (draft === undefined || other === undefined) return drafts;
  const next = [...drafts];
  next[from] = other;
  next[from + step] = draft;
  return next;
}

/** What is sent: the entries without the page's own keys. */
export function overlayOf(drafts: readonly Draft[]): readonly Entry[] {
  return drafts.map(({ pattern, reply, category, description }) => ({
    pattern,
    reply,
    category,
    description,
  }));
}

/** What is other between two lists of entries, by pattern; a changed order is said of the whole. */
export function differenceOf(before: readonly Entry[], after: readonly Entry[]): readonly DiffLine[] {
  const [old, now] = [byPattern(before), byPattern(after)];
  const patterns = [...new Set([...old.keys(), ...now.keys()])];
  const lines = patterns.map((path) => ({
    path,
    before: old.get(path) ?? null,
    after: now.get(path) ?? null,
  }));
  const other = lines.filter((line) => line.before !== line.after);
  const order = (entries: readonly Entry[]): string => entries.map(({ pattern }) => pattern).join('\n');
  if (other.length > 0 || order(before) === order(after)) return other;
  return [{ path: 'order', before: order(before), after: order(after) }];
}

function byPattern(entries: readonly Entry[]): ReadonlyMap<string, string> {
  return new Map(entries.map((entry) => [entry.pattern, wordsOf(entry)]));
}

function wordsOf({ reply, category, description }: Entry): string {
  const about = [category, description].filter((each) => each !== '').join(': ');
  return [reply ?? '(left to whoever thinks)', about].filter((each) => each !== '').join('\n');
}
