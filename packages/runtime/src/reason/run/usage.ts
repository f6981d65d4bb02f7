import { z } from 'zod';
import type { ModelUsage } from '../contract.ts';

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const shape = z.object({
  inputTokens: count,
  outputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count,
});

/**
 * What a provider counted, where it can be: whole tokens, not more than were sent and allowed, and for an answer that came
 * not none at all. Null is nonsense, and is priced at the worst case.
 */
export function believableUsage(
  usage: unknown,
  { outcome, tokenBound }: { readonly outcome: string; readonly tokenBound: number },
): ModelUsage | null {
  const read = shape.safeParse(usage);
  if (!read.success) return null;
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = read.data;
  const sent = inputTokens + cacheReadTokens + cacheWriteTokens;
  if (sent + outputTokens > tokenBound) return null;
  return outcome === 'ok' && sent === 0 ? null : read.data;
}
