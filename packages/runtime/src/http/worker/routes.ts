import type { Context } from 'hono';
import { z } from 'zod';
import { fault } from '../../fault/index.ts';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';
import { workerCaller } from './caller.ts';
import * as shape from './contract.ts';
import type { WorkerCaller, WorkerDesk } from './house.ts';
import { reasonSchema } from '../words/contract.ts';

const id = z.coerce.number().int().positive().max(2_147_483_647);
const all = z
  .enum(['0', '1'])
  .transform((flag) => flag === '1')
  .optional();

/** Who may work tickets from elsewhere; for the operator. */
export function workerReads(read: Reader, { house }: RoutesOptions): void {
  const tokens = { data: z.array(shape.workerTokenSchema), query: z.object({ all }) };
  read('/worker-tokens', tokens, (query) => house().workers.tokens(query));
}

/** Tokens are the operator's to make; everything under `/worker/` is for whoever shows one. */
export function workerWrites(write: Writer, { house }: RoutesOptions): void {
  write('/worker-tokens', { body: shape.newWorkerTokenSchema, data: shape.workerTokenMadeSchema }, (wish) =>
    house().workers.issue(wish),
  );
  write(
    '/worker-tokens/:id/revoke',
    { body: reasonSchema, data: shape.workerTokenSchema },
    ({ reason }, at) => house().workers.revoke(parseWith(id, at.req.param('id'), 'the id'), reason),
  );
  const about = <Body extends z.ZodType, Data extends z.ZodType>(
    path: string,
    body: Body,
    data: Data,
    answer: (desk: WorkerDesk, caller: WorkerCaller, wish: z.infer<Body>) => Promise<z.infer<Data>>,
  ): void =>
    write(`/worker/${path}`, { body, data }, (wish, at) => {
      refuseEcho(at, wish);
      return answer(house().workers, workerCaller(at), wish);
    });
  about('claim', shape.workerClaimSchema, shape.workerClaimedSchema, (desk, caller, wish) =>
    desk.claim(caller, wish),
  );
  about('refresh', shape.workerRefreshSchema, shape.workerRefreshedSchema, (desk, caller, wish) =>
    desk.refresh(caller, wish),
  );
  about('progress', shape.workerProgressSchema, shape.workerProgressedSchema, (desk, caller, wish) =>
    desk.progress(caller, wish),
  );
  about('note', shape.workerNoteSchema, shape.workerToldSchema, (desk, caller, wish) =>
    desk.note(caller, wish),
  );
  about('event', shape.workerEventSchema, shape.workerToldSchema, (desk, caller, wish) =>
    desk.event(caller, wish),
  );
  about('operation', shape.workerOperationSchema, shape.workerOperatedSchema, (desk, caller, wish) =>
    desk.operation(caller, wish),
  );
  about('release', shape.workerReleaseSchema, shape.workerEndedSchema, (desk, caller, wish) =>
    desk.release(caller, wish),
  );
  about('resolve', shape.workerResolveSchema, shape.workerEndedSchema, (desk, caller, wish) =>
    desk.resolve(caller, wish),
  );
}

/** What a worker says is kept and shown: a token in it would be told to everybody who reads. */
function refuseEcho(context: Context, wish: unknown): void {
  if (typeof wish !== 'object' || wish === null || !('claim' in wish)) return;
  const { claim, ...said } = wish;
  const bearer = (context.req.header('authorization') ?? '').replace('Bearer ', '');
  const text = JSON.stringify(said);
  if (!text.includes(String(claim)) && !text.includes(bearer)) return;
  throw fault('KORA_REQUEST_INVALID', 'a token stands in what is to be kept: it belongs in `claim` alone');
}
