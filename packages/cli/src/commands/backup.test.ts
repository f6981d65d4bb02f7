import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { backupRequestSchema, backupStatusSchema, reasonSchema } from '@kora/runtime/client';
import type { BackupStatus } from '@kora/runtime/client';
import { afterEach, describe, expect, it } from 'vitest';
import { refusal } from '../fault.ts';
import type { BackupReport, PromoteReport, RestoreReport, RuntimeModule } from '../runtime.ts';
import { nodeRuntimeDoor } from '../runtime-door.ts';
import type { Route } from '../testing/api-server.ts';
import { noon } from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

const end = { workspaceId: 1, workspace: 'default', seq: 18, hash: 'abc' };
const report: BackupReport = {
  directory: '/backups/one',
  createdAt: noon,
  rows: 134,
  bytes: 59_000,
  ends: [end],
  epoch: 1,
};
const proof = { ...end, ok: true, checked: 18, damage: '' };
const restored: RestoreReport = {
  home: '/new',
  createdAt: noon,
  store: 'embedded PostgreSQL 18.4',
  aside: null,
  epoch: 2,
  rows: 134,
  bytes: 59_000,
  chains: [proof],
};
const promoted: PromoteReport = {
  from: 'embedded PostgreSQL 18.4',
  to: 'PostgreSQL at db/kora',
  setting: '/home/.env',
  overriddenBy: null,
  rows: 134,
  bytes: 59_000,
  chains: [proof],
};

type Moves = Partial<Pick<RuntimeModule, 'backupHome' | 'restoreHome' | 'promoteHome' | 'bumpEpochOfHome'>>;

/** A home in which nothing runs; what the runtime's package would do is handed in. */
async function stopped(moves: Moves): Promise<void> {
  const door = nodeRuntimeDoor();
  const runtime = {
    ...door,
    composing: async (cwd: string) => {
      const found = await door.composing(cwd);
      return { ...found, module: { ...found.module, ...moves } };
    },
  };
  scene = await openScene({ running: false, host: { runtime } });
}

const running = async (routes: Record<string, Route>): Promise<void> => {
  scene = await openScene({ routes });
};

const status = (change: Partial<BackupStatus>): BackupStatus =>
  backupStatusSchema.parse({
    state: 'running',
    directory: '/backups/one',
    lines: [],
    report: null,
    problem: null,
    ...change,
  });

describe('kora backup', () => {
  it('asks a running runtime, tells its progress on stderr once each, and its report on stdout', async () => {
    const looks = [
      status({ lines: ['one', 'two'] }),
      status({ state: 'done', lines: ['one', 'two'], report: { ...report, ends: [end] } }),
    ];
    let asked: unknown;
    await running({
      'POST /api/backup': ({ body }) => (
        (asked = backupRequestSchema.parse(body)), status({ lines: ['one'] })
      ),
      'GET /api/backup': () => looks.shift(),
    });
    const ran = await scene.run('backup', '--out', 'one');
    expect(asked).toEqual({ directory: join(scene.folder, 'one') });
    expect(ran).toMatchObject({ exit: 0, stderr: 'one\ntwo\n' });
    expect(ran.stdout).toContain('rows     134\nsize     59 kB\ndefault  event #18  abc\n');
    expect(ran.stdout).toContain('it holds secrets');
  });

  it('says what kept the runtime from it, with the step that mends it', async () => {
    const problem = {
      code: 'KORA_BACKUP_TARGET',
      message: '/backups/one is not empty',
      hint: 'another folder',
    };
    await running({
      'POST /api/backup': () => status({}),
      'GET /api/backup': () => status({ state: 'failed', problem }),
    });
    expect(await scene.run('backup', '--out', '/backups/one')).toMatchObject({
      exit: 73,
      stderr: 'kora: /backups/one is not empty (KORA_BACKUP_TARGET)\n fix: another folder\n',
    });
  });

  it('copies a stopped home itself', async () => {
    const given: unknown[] = [];
    await stopped({
      backupHome: async (options) => {
        given.push(options.directory, options.home);
        options.onProgress('kora.event: 18 rows');
        return await Promise.resolve(report);
      },
    });
    const ran = await scene.run('backup', '--out', 'one', '--json');
    expect(ran).toMatchObject({ exit: 0, stderr: 'kora.event: 18 rows\n' });
    expect(ran.document().data).toEqual(report);
    expect(given).toEqual([join(scene.folder, 'one'), scene.home]);
  });

  it('Ctrl-C calls it off without blame', async () => {
    await stopped({
      backupHome: async ({ signal, onProgress }) => {
        onProgress('copying');
        await new Promise<void>((done) => signal.addEventListener('abort', () => done()));
        throw signal.reason;
      },
    });
    const live = scene.live(['backup', '--out', 'one']);
    await live.says('copying');
    live.send('SIGINT');
    expect(await live.ended).toMatchObject({
      exit: 130,
      stderr: 'copying\ncalled off; nothing was switched\n',
    });
  });

  it('needs a folder', async () => {
    await stopped({});
    expect(await scene.run('backup')).toMatchObject({
      exit: 64,
      stderr: expect.stringContaining('--out') as string,
    });
  });
});

describe('kora restore', () => {
  it('wants to be told where the home shall be', async () => {
    await stopped({});
    const ran = await scene.run('restore', '/backups/one');
    expect(ran).toMatchObject({ exit: 64, stderr: expect.stringContaining('--home <a new home>') as string });
  });

  it('says what came back and what comes next', async () => {
    const given: unknown[] = [];
    await stopped({
      restoreHome: async ({ directory, home, force, url }) => {
        given.push(directory, home, force, url);
        return await Promise.resolve(restored);
      },
    });
    const ran = await scene.run('restore', 'one', '--home', '/new', '--force');
    expect(given).toEqual([join(scene.folder, 'one'), '/new', true, undefined]);
    expect(ran).toMatchObject({ exit: 0 });
    expect(ran.stdout).toContain('ok  default: 18 events checked\n');
    expect(ran.stdout).toContain('start it with: kora up --home /new');
  });

  it('names a damage that was there when the backup was made, and exits 1', async () => {
    const chains = [{ ...proof, ok: false, damage: '#3 changed: the body differs' }];
    await stopped({ restoreHome: async () => await Promise.resolve({ ...restored, chains }) });
    const ran = await scene.run('restore', 'one', '--home', '/new');
    expect(ran).toMatchObject({ exit: 1, stdout: expect.stringContaining('#3 changed') as string });
  });
});

describe('kora db', () => {
  it('promote takes the URL from a file, so that no process list shows it, and says what was switched', async () => {
    const given: string[] = [];
    await stopped({
      promoteHome: async ({ url, reason }) => {
        given.push(url, reason);
        return await Promise.resolve(promoted);
      },
    });
    await writeFile(join(scene.folder, 'url'), 'postgres://kora:secret@db/kora\n');
    const ran = await scene.run('db', 'promote', 'file:url', '--reason', 'it grew');
    expect(given).toEqual(['postgres://kora:secret@db/kora', 'it grew']);
    expect(ran.exit).toBe(0);
    expect(ran.stdout).toContain('setting  KORA_DATABASE_URL in /home/.env');
    expect(ran.stdout + ran.stderr).not.toContain('secret');
  });

  it('promote says when the environment would win over the new setting', async () => {
    await stopped({
      promoteHome: async () => await Promise.resolve({ ...promoted, overriddenBy: 'KORA_DATABASE_URL' }),
    });
    const ran = await scene.run('db', 'promote', 'postgres://db/kora');
    expect(ran.stdout).toContain('names another store and wins: unset it');
  });

  it.each(['env:NOT_SET', 'file:none'])(
    'promote %s, which is not there, is told before anything happens',
    async (url) => {
      await stopped({ promoteHome: async () => await Promise.reject(refusal('KORA_INTERNAL', 'never')) });
      expect(await scene.run('db', 'promote', url)).toMatchObject({ exit: 64 });
    },
  );

  it('promote of a home that a runtime has is refused, naming the way', async () => {
    await stopped({
      promoteHome: async () =>
        await Promise.reject(refusal('KORA_HOME_LOCKED', 'held by pid 7', 'kora down --home /h')),
    });
    expect(await scene.run('db', 'promote', 'postgres://db/kora')).toMatchObject({
      exit: 73,
      stderr: 'kora: held by pid 7 (KORA_HOME_LOCKED)\n fix: kora down --home /h\n',
    });
  });

  it('bump-epoch goes through a running runtime, and needs a reason', async () => {
    await running({ 'POST /api/db/bump-epoch': ({ body }) => (reasonSchema.parse(body), { epoch: 3 }) });
    expect((await scene.run('db', 'bump-epoch')).exit).toBe(64);
    const ran = await scene.run('db', 'bump-epoch', '--reason', 'a drill', '--json');
    expect(ran.document().data).toEqual({ epoch: 3 });
  });

  it('bump-epoch of a stopped home is done here', async () => {
    await stopped({ bumpEpochOfHome: async ({ reason }) => await Promise.resolve({ epoch: reason.length }) });
    const ran = await scene.run('db', 'bump-epoch', '--reason', 'abc');
    expect(ran).toMatchObject({ exit: 0, stdout: expect.stringContaining('epoch 3\n') as string });
  });
});
