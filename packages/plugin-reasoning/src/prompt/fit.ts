import type { ModelMessage } from 'ai';
import { template } from './templates.ts';
import { tokensAtMost } from './tokens.ts';

/**
 * Messages that fit after tools have answered: results are taken out, the oldest first, until they do. The question and what
 * a model said itself stay. `dropped` counts what was taken out.
 */
export function fit(
  messages: readonly ModelMessage[],
  fixed: readonly unknown[],
  bytes: number,
): { readonly messages: readonly ModelMessage[]; readonly dropped: number } {
  const fitted = [...messages];
  let dropped = 0;
  for (const [at, message] of messages.entries()) {
    if (tokensAtMost([...fixed, ...fitted]) <= bytes) break;
    if (message.role !== 'tool') continue;
    const content = message.content.map((part) => {
      if (part.type !== 'tool-result' || part.output.type !== 'text') return part;
      dropped += 1;
      return { ...part, output: { type: 'text' as const, value: template('cutTool') } };
    });
    fitted[at] = { ...message, content };
  }
  return { messages: fitted, dropped };
}
