import assert from 'node:assert/strict';
import { systemClock } from '../../clock/index.ts';
import { KoraError } from '../../fault/index.ts';
import type { Queryable } from '../../store/index.ts';
import type { Claim, TicketWork } from '../index.ts';
import { Ledger } from '../ledger/ledger.ts';
import { Notes } from '../ledger/notes.ts';
import { ProgressBook } from '../ledger/progress.ts';
import { workOf } from '../worker/work.ts';
import type { TicketBench } from './bench.ts';

/** A ticket in the hands of one holder, whose process may have a store of its own. */
export interface HeldTicket {
  readonly claim: Claim;
  readonly sessionId: string;
  readonly work: TicketWork;
  readonly ledger: Ledger;
  readonly progress: ProgressBook;
}

/** What one process builds around its store. */
export function ledgerOver(
  database: Queryable,
  workspaceId: number,
): { readonly ledger: Ledger; readonly notes: Notes; readonly progress: ProgressBook } {
  const parts = { database, workspaceId, scrub: (text: string) => text.replaceAll('hush', '[secret]') };
  const clock = systemClock();
  return {
    ledger: new Ledger({ ...parts, clock }),
    notes: new Notes(parts),
    progress: new ProgressBook({
      ...parts,
      clock,
      onError: (_, error) => {
        throw error;
      },
    }),
  };
}

interface HoldOptions {
  readonly database?: Queryable;
  readonly signal?: AbortSignal;
}

/** Claims this very ticket in a session of its own; it must be ready. */
export async function hold(
  bench: TicketBench,
  ticketId: number,
  options: HoldOptions = {},
): Promise<HeldTicket> {
  const held = (await holdAll(bench, options)).find(({ claim }) => claim.ticketId === ticketId);
  assert.ok(held, `ticket ${ticketId} could not be claimed`);
  return held;
}

/** Claims whatever is ready, in one session of its own. */
export async function holdAll(bench: TicketBench, options: HoldOptions = {}): Promise<HeldTicket[]> {
  const sessionId = await bench.session();
  const ports = ledgerOver(options.database ?? bench.database, bench.owner.workspaceId);
  const signal = options.signal ?? new AbortController().signal;
  const claims = await bench.claim(sessionId, 100);
  return claims.map((claim) => ({
    claim,
    sessionId,
    ...ports,
    work: workOf(claim, { ...ports, sessionId, signal }),
  }));
}

/** The session's lease runs out, and its tickets may be claimed again. */
export async function lose(bench: TicketBench, { sessionId }: HeldTicket): Promise<void> {
  await bench.expire(sessionId);
  await bench.reap();
  await bench.passTime();
}

/** The code of what a promise rejects with. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof KoraError ? error.code : `no refusal: ${String(error)}`;
}

/** The codes of what they all reject with. */
export async function refusals(works: readonly Promise<unknown>[]): Promise<Set<string>> {
  return new Set(await Promise.all(works.map(refusal)));
}
