// A runtime that agrees to a proposal and comes no further: node approver.ts '{"connection", "workspaceId", "id", "until"}'.
// It says on its standard output when it has come to where it is to be killed.
import type pg from 'pg';
import { systemClock } from '../../clock/index.ts';
import { openPool } from '../../store/index.ts';
import { promotionScene, wordsKind } from './scene.ts';

interface Job {
  readonly connection: pg.ClientConfig;
  readonly workspaceId: number;
  readonly id: number;
  /** Before anything is applied, or within the transaction that applies it. */
  readonly until: 'decided' | 'applying';
}

const job = JSON.parse(process.argv[2] ?? '') as Job;
const stopHere = async (): Promise<never> => {
  process.stdout.write('here\n');
  return new Promise(() => setInterval(() => undefined, 60_000));
};

const database = openPool({
  connection: job.connection,
  server: { kind: 'url', description: 'test database' },
  clock: systemClock(),
  onIdleError: () => undefined,
});
const { promotion } = await promotionScene(database, job.workspaceId, {
  onStage: async (drafts) => {
    if (job.until === 'applying' && drafts.some(({ type }) => type === 'promotion.applied')) await stopHere();
  },
});
const words = wordsKind();
await promotion.registerKind(
  {
    ...words.spec,
    examine: async (change) => {
      // Looked at before it is agreed to, and again before it is applied.
      if (job.until === 'decided' && words.examined === 1) await stopHere();
      return words.spec.examine(change);
    },
  },
  'kora',
);
const { revision, digest } = await promotion.show(job.id);
words.examined = 0;
await promotion.approve({ id: job.id, revision, digest, by: 'operator', reason: 'it is right' });
