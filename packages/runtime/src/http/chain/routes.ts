import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import * as shape from '../contract.ts';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';
import { answerLines, writeLine } from './lines.ts';

const position = z.coerce.number().int().positive().optional();
const limit = z.coerce.number().int().min(1).max(1_000).optional();
const name = shape.storableText(200);
const seq = z.coerce.number().int().positive();

const queries = {
  events: z.object({
    type: name.optional(),
    after: z.coerce.number().int().min(0).optional(),
    before: position,
    limit,
    order: z.enum(['asc', 'desc']).optional(),
  }),
  event: z.object({ proof: z.enum(['0', '1']).optional() }),
  verify: z
    .object({
      from: position,
      afterSeq: z.coerce.number().int().min(0).optional(),
      afterHash: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .optional(),
    })
    .refine(
      ({ afterSeq, afterHash }) => (afterSeq === undefined) === (afterHash === undefined),
      'afterSeq and afterHash go together',
    )
    .transform(({ from, afterSeq, afterHash }) => ({
      from,
      after:
        afterSeq === undefined || afterHash === undefined ? undefined : { seq: afterSeq, hash: afterHash },
    })),
  export: z.object({ from: position, to: position }),
  checkpoints: z.object({ limit }),
  parked: z.object({ consumer: name.optional() }),
};

const bodies = {
  replay: shape.reasonSchema.extend({ seq: z.number().int().positive().optional() }),
  skip: shape.reasonSchema.extend({ seq: z.number().int().positive() }),
};

function query<T extends z.ZodType>(context: Context, schema: T): z.infer<T> {
  return parseWith(schema, context.req.query(), 'the query');
}

/** What may be asked of the event log. */
export function chainReads(read: Reader, { house }: RoutesOptions): void {
  read('/chain-events', { data: z.array(shape.eventSchema), query: queries.events }, (wanted) =>
    house().events(wanted),
  );
  read(
    '/chain-events/:seq',
    { data: shape.eventDetailSchema, query: queries.event },
    async ({ proof }, at) => {
      const event = await house().event(sequence(at));
      return proof === '1' ? { ...event, proof: await house().proof(sequence(at)) } : event;
    },
  );
  read('/chain-events/:seq/causes', { data: shape.causesSchema }, (_, at) => house().causes(sequence(at)));
  read('/chain/verify', { data: shape.verifySchema, query: queries.verify }, (wanted, at) =>
    house().verify({ ...wanted, signal: at.req.raw.signal }),
  );
  read('/chain/checkpoints', { data: shape.checkpointsSchema, query: queries.checkpoints }, (wanted) =>
    house().checkpoints(wanted.limit ?? 20),
  );
  read('/chain/consumers', { data: z.array(shape.consumerSchema) }, () => house().consumers());
  read('/chain/parked', { data: z.array(shape.parkedSchema), query: queries.parked }, (wanted) =>
    house().parked(wanted.consumer),
  );
}

/** What is answered in JSON lines, however long it is. */
export function chainStreams(options: RoutesOptions): Hono {
  const { house, operations } = options;
  const routes = new Hono();
  const line = { method: 'get', media: 'application/x-ndjson' } as const;
  operations.push(
    { ...line, path: '/api/chain/verify/stream', answer: shape.verifyLineSchema, query: queries.verify },
    {
      ...line,
      path: '/api/chain/export',
      answer: z.record(z.string(), z.unknown()),
      query: queries.export,
    },
  );
  routes.get('/chain/verify/stream', (context) => {
    const wanted = query(context, queries.verify);
    const { verify } = house();
    return answerLines(
      context,
      async (out, signal) => {
        // Progress is not waited for: there are few of these lines, and the pass must not stand still for its reader.
        const onProgress = (proven: object, head: object): void =>
          void out.write(`${JSON.stringify({ proven, head })}\n`);
        const result = await verify({ ...wanted, onProgress, signal });
        await writeLine(out, { result }, signal);
      },
      options,
    );
  });
  routes.get('/chain/export', (context) => {
    const range = query(context, queries.export);
    const { exportChain } = house();
    context.header('content-disposition', 'attachment; filename="kora-chain.ndjson"');
    return answerLines(context, (out, signal) => exportChain({ ...range, out, signal }), options);
  });
  return routes;
}

/** What may be done to the event log. Each is an event on it, and asking twice does nothing twice. */
export function chainWrites(write: Writer, { house }: RoutesOptions): void {
  const named = (context: Context): string => parseWith(name, context.req.param('name'), 'the name');
  const nothing = z.strictObject({});
  write('/chain/checkpoint', { body: nothing, data: shape.checkpointOutcomeSchema }, () =>
    house().makeCheckpoint(),
  );
  write(
    '/chain/consumers/:name/replay',
    { body: bodies.replay, data: shape.replayRequestedSchema },
    (wish, at) => house().replayParked({ ...wish, consumer: named(at) }),
  );
  write('/chain/consumers/:name/skip', { body: bodies.skip, data: shape.receiptSchema }, (wish, at) =>
    house().skipParked({ ...wish, consumer: named(at) }),
  );
  write('/chain/consumers/:name/forget', { body: nothing, data: shape.receiptSchema }, (_, at) =>
    house().forgetConsumer(named(at)),
  );
  write(
    '/chain-events/:seq/redact',
    { body: shape.reasonSchema, data: shape.receiptSchema },
    ({ reason }, at) => house().redact(sequence(at), reason),
  );
  write('/chain/prune', { body: shape.pruneRequestSchema, data: shape.prunedSchema }, (request, at) =>
    house().prune(request, at.req.raw.signal),
  );
}

function sequence(context: Context): number {
  return parseWith(seq, context.req.param('seq'), 'the sequence');
}
