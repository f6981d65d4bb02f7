import process from 'node:process';
import type pg from 'pg';
import { scene as openDoor } from '../../admission/testing/scene.ts';
import { Chain, Vocabulary } from '../../chain/index.ts';
import type { ChainOwner } from '../../chain/index.ts';
import { systemClock } from '../../clock/index.ts';
import { Scope } from '../../scope/index.ts';
import { openPool } from '../../store/index.ts';
import { Sessions, ticketEvents, TicketWorker } from '../index.ts';

/**
 * A process that works tickets, to be killed: each attempt says its ticket and fence on stdout, completes the even
 * ones and holds the odd ones for ever.
 */
const { connection, owner } = JSON.parse(process.argv[2] ?? '') as {
  connection: pg.ClientConfig;
  owner: ChainOwner;
};
const clock = systemClock();
const database = openPool({
  connection,
  server: { kind: 'embedded', description: 'the store of a test' },
  clock,
  onIdleError: () => undefined,
});
const scope = new Scope('child');
const fail = (where: string, error: unknown): void => {
  process.stderr.write(`${where}: ${String(error)}\n`);
};
const chain = new Chain({ database, owner, vocabulary: new Vocabulary(), clock, scope, onError: fail });
await chain.declare('kora', ticketEvents);
const worker = new TicketWorker({
  database,
  owner,
  clock,
  sessions: new Sessions({ database, owner, clock, singleProcess: false, onError: fail }),
  prepare: chain.prepare.bind(chain),
  scrub: (text) => text,
  staged: () => undefined,
  admission: openDoor().admission,
  onClaims: () => undefined,
  apply: () => Promise.resolve(),
  onError: fail,
});
worker.handle({
  kind: 'test',
  concurrency: 5,
  work: ({ ticketId, attempt }) => {
    process.stdout.write(`${ticketId} ${attempt}\n`);
    if (ticketId % 2 === 0) return Promise.resolve({ resolution: 'completed', summary: 'by the child' });
    return new Promise(() => undefined);
  },
});
await worker.run(scope.signal);
