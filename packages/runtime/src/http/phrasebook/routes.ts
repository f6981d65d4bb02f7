import { z } from 'zod';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';
import { storableText } from '../words/contract.ts';
import {
  phrasebookEditSchema,
  phrasebookPreviewRequestSchema,
  phrasebookPreviewSchema,
  phrasebookRevertSchema,
  phrasebookSchema,
  phrasebookTestSchema,
  phrasebookVersionSchema,
} from './contract.ts';

const queries = {
  book: z.object({ version: z.coerce.number().int().positive().max(2_147_483_647).optional() }),
  history: z.object({ limit: z.coerce.number().int().min(1).max(1_000).optional() }),
  test: z.object({ text: storableText(4_096) }),
};

/** What is answered for nothing, and what would be. */
export function phrasebookReads(read: Reader, { house }: RoutesOptions): void {
  read('/phrasebook', { data: phrasebookSchema, query: queries.book }, (wanted) =>
    house().phrasebook(wanted),
  );
  read(
    '/phrasebook/history',
    { data: z.array(phrasebookVersionSchema), query: queries.history },
    ({ limit }) => house().phrasebookHistory(limit ?? 20),
  );
  read('/phrasebook/test', { data: phrasebookTestSchema, query: queries.test }, ({ text }) =>
    house().testPhrasebook(text),
  );
}

/** The operator's word on it, each with a reason and an event. A preview changes nothing. */
export function phrasebookWrites(write: Writer, { house }: RoutesOptions): void {
  write(
    '/phrasebook/preview',
    { body: phrasebookPreviewRequestSchema, data: phrasebookPreviewSchema },
    (request) => house().previewPhrasebook(request),
  );
  write('/phrasebook/edit', { body: phrasebookEditSchema, data: phrasebookVersionSchema }, (request) =>
    house().editPhrasebook(request),
  );
  write('/phrasebook/revert', { body: phrasebookRevertSchema, data: phrasebookVersionSchema }, (request) =>
    house().revertPhrasebook(request),
  );
}
