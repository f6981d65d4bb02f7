import type { Claim } from '@kora/runtime/plugin';
import { z } from 'zod';

export interface StatedVerdict {
  readonly answer: string;
  readonly claims: readonly Claim[];
  readonly confidence: number;
}

const schema: z.ZodType<StatedVerdict> = z.object({
  answer: z.string(),
  claims: z
    .array(
      z.object({
        text: z.string().min(1).max(2_000),
        evidence: z.array(z.string().min(1).max(300)).max(50),
      }),
    )
    .max(100),
  confidence: z.number().min(0).max(1),
});

/** The verdict in an answer: its first JSON object that is one, whatever stands around it. Null where there is none. */
export function readVerdict(text: string): StatedVerdict | null {
  let tried = 0;
  for (let at = text.indexOf('{'); at >= 0 && tried < mostTries; at = text.indexOf('{', at + 1)) {
    tried += 1;
    const end = endOfObject(text, at);
    if (end === null) return null;
    const parsed = schema.safeParse(parseJson(text.slice(at, end)));
    if (parsed.success) return parsed.data;
  }
  return null;
}

/** Each try reads to the end of its object: a text of nothing but braces must not make that long. */
const mostTries = 20;

function endOfObject(text: string, from: number): number | null {
  let depth = 0;
  let isQuoted = false;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at];
    if (isQuoted) {
      if (character === '\\') at += 1;
      else if (character === '"') isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
