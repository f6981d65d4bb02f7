import { createHash } from 'node:crypto';
import { z } from 'zod';
import { fault } from '../fault/index.ts';
import { artifactTypes, largestArtifact } from './contract.ts';
import type { ArtifactType, NewArtifact } from './contract.ts';
import { sniff } from './sniff.ts';

const longestName = 120;
const longestKeptDays = 400;

/** What moves a cursor or cannot be seen, what a path is made of, and what a shell or a system takes for more than a name. */
const notInAName = /[\p{C}\p{Zl}\p{Zp}/\\:*?"<>|]/u;

const schema = z.object({
  name: z
    .string()
    .min(1)
    .max(longestName)
    .refine((name) => !notInAName.test(name), 'must be a file name, not a path')
    .refine((name) => !name.startsWith('.') && name.trim() === name, 'must not begin with a dot or a space'),
  content: z.union([z.string(), z.instanceof(Uint8Array)]),
  type: z.enum(artifactTypes).optional(),
  keepDays: z.number().int().min(1).max(longestKeptDays).nullable().optional(),
  ticketId: z.number().int().positive().optional(),
});

/** An artifact that may be kept. */
export interface CheckedArtifact {
  readonly name: string;
  readonly bytes: Buffer;
  readonly type: ArtifactType;
  readonly sha256: Buffer;
  readonly keepDays: number | null | undefined;
  readonly ticketId: number | undefined;
}

/** Throws KORA_ARTIFACT_REFUSED naming what is wrong. */
export function checked(artifact: NewArtifact): CheckedArtifact {
  const parsed = schema.safeParse(artifact);
  if (!parsed.success) throw refused(z.prettifyError(parsed.error));
  const { name, content, type: said, keepDays, ticketId } = parsed.data;
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
  if (bytes.length === 0) throw refused(`${name} is empty`);
  if (bytes.length > largestArtifact)
    throw refused(`${name} is ${bytes.length} bytes long, and ${largestArtifact} may be kept`);
  const type = sniff(bytes, { type: said, name });
  if (type === undefined) {
    const what = said === undefined ? `none of ${artifactTypes.join(', ')}` : `not ${said}`;
    throw refused(`${name} is ${what}`);
  }
  return { name, bytes, type, sha256: createHash('sha256').update(bytes).digest(), keepDays, ticketId };
}

export function refused(why: string): Error {
  return fault('KORA_ARTIFACT_REFUSED', `the file cannot be kept: ${why}`);
}
