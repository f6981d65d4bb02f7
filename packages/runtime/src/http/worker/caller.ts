import type { Context } from 'hono';
import { fault } from '../../fault/index.ts';
import type { WorkerCaller } from './house.ts';

/** Where workers in other processes write, and nobody else: their tokens are good for nothing but this. */
export function isWorkerPath(path: string): boolean {
  return path === '/api/worker' || path.startsWith('/api/worker/');
}

/** The one answer to whoever shows no token of a worker that is good now. */
export function workerTokenMissing(): Error {
  return fault('KORA_AUTH_MISSING', 'no valid worker token came with the request', {
    fix: 'kora worker add NAME --kind KIND',
  });
}

const callers = new WeakMap<Request, WorkerCaller>();

/** Reads the token of a worker. Throws KORA_AUTH_MISSING: in the same words whatever is wrong with it. */
export async function checkWorker(
  context: Context,
  read: (token: string) => Promise<WorkerCaller>,
): Promise<void> {
  const bearer = /^Bearer (\S+)$/.exec(context.req.header('authorization') ?? '')?.[1];
  callers.set(context.req.raw, await read(bearer ?? ''));
}

/** Who asks; a route that the guard did not stand before has nobody. */
export function workerCaller(context: Context): WorkerCaller {
  const caller = callers.get(context.req.raw);
  if (caller === undefined) throw workerTokenMissing();
  return caller;
}
