import { z } from 'zod';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';
import {
  fixAttemptSchema,
  fixesSchema,
  fixQuestionSchema,
  fixRehearsalSchema,
  fixWishSchema,
} from './contract.ts';

const id = z.coerce.number().int().positive();
const query = z.object({ incident: id.optional(), limit: id.max(500).optional() });

/** What may be mended, and what came of every attempt. */
export function fixReads(read: Reader, { house }: RoutesOptions): void {
  read('/fixes', { data: fixesSchema, query }, (asked) => house().fixes(asked));
  read('/fixes/attempts/:id', { data: fixAttemptSchema }, (_, at) =>
    house().fixAttempt(parseWith(id, at.req.param('id'), 'the id')),
  );
}

/** A rehearsal changes nothing; a try is an attempt like any other, with its row, its event and its bound. */
export function fixWrites(write: Writer, { house }: RoutesOptions): void {
  write('/fixes/rehearse', { body: fixQuestionSchema, data: fixRehearsalSchema }, (question) =>
    house().rehearseFix(question),
  );
  write('/fixes/try', { body: fixWishSchema, data: fixAttemptSchema }, (wish) => house().tryFix(wish));
}
