import type { Taken } from './provider.ts';

export interface OutboundFacts {
  /** Keys that were accepted, in order. */
  readonly accepted: readonly string[];
  /** What the provider took, in the order in which it took it. */
  readonly taken: readonly Taken[];
  /** What the store says was delivered. */
  readonly delivered: readonly { readonly key: string; readonly receipt: string }[];
  /** Messages that still wait. */
  readonly left: number;
}

/** Each taken once by its key and in the order of its conversation, each marked with its own receipt, and none left. */
export function judgeOutbound({ accepted, taken, delivered, left }: OutboundFacts): string[] {
  const broken: string[] = [];
  const byMessage = Map.groupBy(taken, ({ messageId }) => messageId);
  for (const [messageId, times] of byMessage)
    if (times.length > 1)
      broken.push(
        `message ${messageId} was taken ${times.length} times, as ${times.map(({ key }) => key).join(', ')}`,
      );
  const keys = new Set(taken.map(({ key }) => key));
  const known = new Set(accepted);
  for (const key of accepted) if (!keys.has(key)) broken.push(`${key} was never taken`);
  for (const key of keys) if (!known.has(key)) broken.push(`${key} was taken and never accepted`);
  const last = new Map<string, number>();
  for (const { key, thread, messageId } of taken) {
    if ((last.get(thread) ?? 0) > messageId) broken.push(`${key} came after what follows it in ${thread}`);
    last.set(thread, Math.max(messageId, last.get(thread) ?? 0));
  }
  const receipts = new Map(delivered.map(({ key, receipt }) => [key, receipt]));
  for (const key of accepted) {
    const receipt = receipts.get(key);
    if (receipt === undefined) broken.push(`${key} is not marked as delivered`);
    else if (receipt !== `receipt-${key}`) broken.push(`${key} is marked with the receipt ${receipt}`);
  }
  if (left > 0) broken.push(`${left} still wait`);
  return broken;
}
