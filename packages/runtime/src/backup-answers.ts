import { isAbsolute } from 'node:path';
import { draft } from './chain/index.ts';
import { once } from './control/index.ts';
import { fault, KoraError, messageOf } from './fault/index.ts';
import type { Ground } from './ground.ts';
import type { House, shape } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import { backupMade, raiseEpoch } from './state/index.ts';
import { watchEpoch } from './store-life.ts';
import type { Transaction } from './store/index.ts';
import { backupStore } from './transfer/index.ts';
import type { BackupReport } from './transfer/index.ts';
import { operatorActor } from './workspace/index.ts';

type BackupAnswers = Pick<House, 'startBackup' | 'backup' | 'bumpEpoch'>;

/** Backups of a running house, one at a time: whoever asked looks again for how far it is. */
export function backupAnswers(ground: Ground, rooms: Rooms): BackupAnswers {
  let latest: shape.BackupStatus = { state: 'none', directory: null, lines: [], report: null, problem: null };
  const work = async (directory: string, signal: AbortSignal): Promise<void> => {
    const report = await backupStore({
      database: rooms.database,
      home: ground.home.directory,
      directory,
      build: ground.build,
      clock: ground.clock,
      onProgress: (line) => {
        latest = { ...latest, lines: [...latest.lines, line] };
      },
      signal,
    });
    // The copy is good, whether or not the chain can be told of it.
    await note(rooms, report).catch((error: unknown) => ground.onError('backup', error));
    latest = { ...latest, state: 'done', report: { ...report, ends: [...report.ends] } };
    ground.log.info('backup', { directory, rows: report.rows, bytes: report.bytes });
  };
  return {
    backup: () => latest,
    startBackup: (directory) => {
      if (!isAbsolute(directory)) {
        throw fault('KORA_BACKUP_TARGET', `${directory} is no absolute path`, {
          fix: 'kora backup --out <a new folder>',
        });
      }
      if (latest.state === 'running') {
        throw fault('KORA_BACKUP_TARGET', `a backup into ${latest.directory ?? ''} is being made`, {
          fix: 'wait for it',
        });
      }
      latest = { state: 'running', directory, lines: [], report: null, problem: null };
      ground.scope.run(
        `backup into ${directory}`,
        (signal) => work(directory, signal),
        (error) => {
          latest = { ...latest, state: 'failed', problem: problemOf(error) };
          ground.onError('backup', error);
        },
      );
      return Promise.resolve(latest);
    },
    bumpEpoch: async ({ idempotencyKey: key, ...wish }) => {
      const { workspaceId } = rooms.workspace;
      const raise = async (tx: Transaction) => ({
        epoch: await raiseEpoch(tx, { by: operatorActor, ...wish }),
      });
      const raised = await rooms.database.transaction((tx) =>
        once(tx, { workspaceId, key, deed: 'bump-epoch', wish }, () => raise(tx)),
      );
      await watchEpoch(ground.home.directory, rooms);
      return raised;
    },
  };
}

/** So that a copy is known after this process, too: the chain says where it lies, and where its own chain ends. */
async function note({ database, workspace, chain }: Rooms, report: BackupReport): Promise<void> {
  const { rows, bytes, epoch, directory, ends } = report;
  const end = ends.find(({ workspaceId }) => workspaceId === workspace.workspaceId);
  const chainEnd = { chain_seq: end?.seq ?? 0, chain_hash: end?.hash ?? '' };
  const made = draft(backupMade, { rows, bytes, epoch, directory, ...chainEnd }, { actorId: operatorActor });
  await database.transaction((tx) => chain.stage(tx, [made]));
}

function problemOf(error: unknown): shape.BackupStatus['problem'] {
  if (!(error instanceof KoraError)) return { code: 'KORA_INTERNAL', message: messageOf(error), hint: null };
  return { code: error.code, message: error.message, hint: error.fix ?? null };
}
