import { z } from 'zod';
import { storable } from '../chain/index.ts';
import { fault } from '../fault/index.ts';
import { reasonRoutes } from './contract.ts';
import type { ReasonRequest } from './contract.ts';
import { isEvidenceId } from './evidence/id.ts';

const line = z.string().refine((text) => storable(text) === text, 'cannot be kept');
const name = line.min(1).max(200);
const number = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);

/** What may be asked; it comes from plugins and from the API. */
export const wishShape = z.object({
  route: z.enum(reasonRoutes),
  text: z
    .string()
    .max(200_000)
    .refine((text) => text.trim() !== '', 'is empty'),
  words: z.string().max(200_000).optional(),
  key: name.optional(),
  conversation: z.object({ channel: name, thread: name }).optional(),
  ticket: z.object({ ticketId: number, fence: number }).optional(),
  quoted: z
    .array(
      z.object({
        source: name,
        text: z.string().max(1_000_000),
        evidenceId: z.string().refine(isEvidenceId, 'is no id: letters, digits and _.:@/+#-').optional(),
      }),
    )
    .max(100)
    .optional(),
  verdict: z.boolean().optional(),
  critical: z.boolean().optional(),
  wake: line.max(500).optional(),
  causationId: z.uuid().optional(),
  limits: z
    .object({
      iterations: z.number().optional(),
      deadlineMs: z.number().optional(),
      costMicroUsd: z.number().min(0).nullable().optional(),
    })
    .optional(),
  phrasebook: z.boolean().optional(),
});

export type Wish = z.infer<typeof wishShape>;

/** Reads a question. Throws KORA_REQUEST_INVALID naming what is wrong with it. */
export function readWish(request: ReasonRequest): Wish {
  const read = wishShape.safeParse(request);
  if (read.success) return read.data;
  throw fault('KORA_REQUEST_INVALID', `the question: ${z.prettifyError(read.error)}`);
}
