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
  read('/chain-events', (context) => house().events(query(context, queries.events)));
  read('/chain-events/:seq', async (context) => {
    const at = parseWith(seq, context.req.param('seq'), 'the sequence');
    const event = await house().event(at);
    return query(context, queries.event).proof === '1' ? { ...event, proof: await house().proof(at) } : event;
  });
  read('/chain-events/:seq/causes', (context) =>
    house().causes(parseWith(seq, context.req.param('seq'), 'the sequence')),
  );
  read('/chain/verify', (context) =>
    house().verify({ ...query(context, queries.verify), signal: context.req.raw.signal }),
  );
  read('/chain/checkpoints', (context) =>
    house().checkpoints(query(context, queries.checkpoints).limit ?? 20),
  );
  read('/chain/consumers', () => house().consumers());
  read('/chain/parked', (context) => house().parked(query(context, queries.parked).consumer));
}

/** What is answered in JSON lines, however long it is. */
export function chainStreams(options: RoutesOptions): Hono {
  const { house } = options;
  const routes = new Hono();
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
  write('/chain/checkpoint', z.strictObject({}), () => house().makeCheckpoint());
  write('/chain/consumers/:name/replay', bodies.replay, (wish, at) =>
    house().replayParked({ ...wish, consumer: named(at) }),
  );
  write('/chain/consumers/:name/skip', bodies.skip, (wish, at) =>
    house().skipParked({ ...wish, consumer: named(at) }),
  );
  write('/chain/consumers/:name/forget', z.strictObject({}), (_, at) => house().forgetConsumer(named(at)));
  write('/chain-events/:seq/redact', shape.reasonSchema, ({ reason }, at) =>
    house().redact(parseWith(seq, at.req.param('seq'), 'the sequence'), reason),
  );
  write('/chain/prune', shape.pruneRequestSchema, (request, at) => house().prune(request, at.req.raw.signal));
}
