import process from 'node:process';
import type pg from 'pg';
import { systemClock } from '../../clock/index.ts';
import { openPool } from '../../store/index.ts';
import type { OperationSpec } from '../contract.ts';
import type { Claim } from '../index.ts';
import { workOf } from '../worker/work.ts';
import { ledgerOver } from './ledger.ts';
import { Mortal } from './mortal.ts';
import type { Fate } from './mortal.ts';

export interface ChildJob {
  readonly connection: pg.ClientConfig;
  readonly workspaceId: number;
  readonly sessionId: string;
  /** Where effects are asked for. */
  readonly world: string;
  readonly works: readonly { readonly claim: Claim; readonly spec: OperationSpec; readonly fate: Fate }[];
}

/** A process to be killed: each of its tickets stands still in the middle of its operation, and is then told on stdout. */
const job = JSON.parse(process.argv[2] ?? '') as ChildJob;
const database = openPool({
  connection: job.connection,
  server: { kind: 'embedded', description: 'the store of a test' },
  clock: systemClock(),
  onIdleError: () => undefined,
});
for (const { claim, spec, fate } of job.works) {
  const mortal = new Mortal(fate);
  const ports = ledgerOver(mortal.over(database), job.workspaceId);
  const signal = new AbortController().signal;
  const { operation } = workOf(claim, { ...ports, sessionId: job.sessionId, signal });
  void operation(spec, (key) =>
    mortal.step(async () => {
      const answer = await fetch(`${job.world}/${encodeURIComponent(key)}`, { method: 'POST' });
      return answer.text();
    }),
  );
  await mortal.stopped;
  process.stdout.write(`${claim.ticketId}\n`);
}
