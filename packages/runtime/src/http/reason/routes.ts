import type { Context } from 'hono';
import { z } from 'zod';
import * as shape from '../contract.ts';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';
import {
  askSchema,
  cancelledSchema,
  conversationDetailSchema,
  conversationSchema,
  enginesSchema,
  reasonAnswerSchema,
  reasonReplaySchema,
  reasonRunDetailSchema,
  reasonRunSchema,
} from './contract.ts';

const number = z.coerce.number().int().positive();
const limit = z.coerce.number().int().min(1).max(500).default(50);
const run = shape.storableText(100);

const queries = {
  runs: z.object({
    ticketId: number.optional(),
    conversationId: number.optional(),
    status: reasonRunSchema.shape.status.optional(),
    before: run.optional(),
    limit,
  }),
  limited: z.object({ limit }),
};

/** What was thought, by whom, with what and at what cost. */
export function reasonReads(read: Reader, { house }: RoutesOptions): void {
  read('/reason/runs', { data: z.array(reasonRunSchema), query: queries.runs }, (wanted) =>
    house().runs(wanted),
  );
  read('/reason/runs/:run', { data: reasonRunDetailSchema }, (_, at) => house().run(runIn(at)));
  read('/reason/runs/:run/replay', { data: reasonReplaySchema }, (_, at) => house().replayRun(runIn(at)));
  read('/reason/engines', { data: enginesSchema }, () => house().engines());
  read('/conversations', { data: z.array(conversationSchema), query: queries.limited }, (wanted) =>
    house().conversations(wanted.limit),
  );
  read('/conversations/:id', { data: conversationDetailSchema, query: queries.limited }, (wanted, at) =>
    house().conversation(parseWith(number, at.req.param('id'), 'the id'), wanted.limit),
  );
}

/** A question, whose answer comes when it is there; and the end of one. */
export function reasonWrites(write: Writer, { house }: RoutesOptions): void {
  write('/reason/ask', { body: askSchema, data: reasonAnswerSchema }, (request, at) =>
    house().ask(request, at.req.raw.signal),
  );
  write('/reason/runs/:run/cancel', { body: shape.reasonSchema, data: cancelledSchema }, ({ reason }, at) =>
    house().cancelRun(runIn(at), reason),
  );
}

function runIn(context: Context): string {
  return parseWith(run, context.req.param('run'), 'the run');
}
