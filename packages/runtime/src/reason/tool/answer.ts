import { z } from 'zod';
import { fault, messageOf } from '../../fault/index.ts';
import { isEvidenceId } from '../evidence/id.ts';
import { quoteUntrusted, visible } from '../quote/contract.ts';
import type { Evidence, ToolAnswer } from './contract.ts';
import type { RegisteredTool } from './registry.ts';

const mostEvidence = 200;
const longestWhat = 300;
const longestError = 600;

/** An answer as a model sees it. */
export interface ShownAnswer {
  readonly text: string;
  readonly truncated: boolean;
  readonly evidence: readonly Evidence[];
  /** Text of strangers is in it. */
  readonly untrusted: boolean;
}

/** What a tool may answer, read field by field: a tool may be JavaScript. */
const answerSchema = z.object({
  content: z.unknown(),
  evidence: z.array(z.object({ id: z.string(), what: z.string() })).default([]),
  untrusted: z.boolean().default(false),
});

/**
 * Bounds what a tool answered, takes known secrets out of it, and delimits what strangers may have written. What was cut
 * away was not read: of a cut answer, only evidence that is named in what is left counts. Throws when it is no answer.
 */
export function shownAnswer(
  tool: RegisteredTool,
  answer: ToolAnswer,
  scrub: (text: string) => string,
): ShownAnswer {
  const parsed = answerSchema.parse(answer);
  const untrusted = parsed.untrusted || !tool.trusted;
  const whole = scrub(textOf(parsed.content));
  const { text, truncated } = bounded(whole, tool.maxBytes);
  const evidence = parsed.evidence
    .slice(0, mostEvidence)
    .filter(({ id }) => isEvidenceId(id) && (!truncated || text.includes(id)))
    .map(({ id, what }) => ({
      // A stranger proves its own words, and not what the runtime knows.
      id: tool.trusted || id.startsWith(`${tool.owner}:`) ? id : `${tool.owner}:${id}`,
      what: visible(scrub(what)).slice(0, longestWhat).toWellFormed(),
    }));
  const shown = untrusted ? quoteUntrusted(`answer of ${tool.spec.name}`, text) : text;
  const unnamed = evidence.filter(({ id }) => !text.includes(id));
  return {
    text: unnamed.length === 0 ? shown : `${shown}\nevidence: ${unnamed.map(({ id }) => id).join(' ')}`,
    truncated,
    evidence,
    untrusted,
  };
}

/**
 * What a tool answered to the runtime itself, without secrets. Throws KORA_TOOL_INVALID where text of strangers is in it,
 * and when it is no answer.
 */
export function shownContent(
  tool: RegisteredTool,
  answer: ToolAnswer,
  scrub: (text: string) => string,
): unknown {
  const { content, untrusted } = answerSchema.parse(answer);
  if (untrusted || !tool.trusted)
    throw fault('KORA_TOOL_INVALID', `text of strangers is in what ${tool.spec.name} said`);
  const text = JSON.stringify(content);
  return text === undefined ? undefined : (JSON.parse(scrub(text)) as unknown);
}

/** Why a tool failed, for a model: without secrets, short, and as a stranger's word where it is one. */
export function failureText(tool: RegisteredTool, error: unknown, scrub: (text: string) => string): string {
  const why = scrub(messageOf(error)).slice(0, longestError).toWellFormed();
  return `${tool.spec.name} failed\n${quoteUntrusted(`error of ${tool.spec.name}`, why)}`;
}

/** Cut to so many bytes of UTF-8, never through a character; what is missing is said. */
export function bounded(
  text: string,
  maxBytes: number,
): { readonly text: string; readonly truncated: boolean } {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return { text, truncated: false };
  let end = maxBytes;
  // A byte that begins with the bits 10 goes on with the character before it.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return {
    text: `${bytes.toString('utf8', 0, end)}\n… ${end} of ${bytes.length} bytes`,
    truncated: true,
  };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return JSON.stringify(content) ?? 'nothing';
}
