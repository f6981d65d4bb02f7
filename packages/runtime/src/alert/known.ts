import type { NewMessage, ToldMessage } from './contract.ts';

export interface KnownWord {
  readonly thread: string;
  /** Of the word: the same said twice is told once. */
  readonly key: string;
  readonly title: string;
  /** What was said, as a sentence: `operator knows of it (slack): I am at it`. */
  readonly said: string;
  /** Where it was said; whoever said it there knows. */
  readonly via: string;
}

/** That somebody knows of it, for each channel outside on which it was told or is about to be: nobody else has to get up. */
export function knownMessages(
  { thread, key, title, said, via }: KnownWord,
  told: readonly ToldMessage[],
): readonly NewMessage[] {
  // What is on its way counts: it arrives before this word, in the order of its thread.
  const over = told.filter((each) => each.thread === thread).map(({ channel }) => channel);
  return [...new Set(over)]
    .filter((channel) => channel !== 'inbox' && channel !== via)
    .map((channel) => ({
      key: `${key}:${channel}`,
      thread,
      severity: 'info' as const,
      title: `👁 ${title}`,
      body: `${said}\nNobody is reminded of it any more, on any channel.`,
      source: 'alert',
      channel,
      fallback: [],
    }));
}
