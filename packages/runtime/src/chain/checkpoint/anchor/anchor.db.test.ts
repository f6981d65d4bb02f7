import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../../clock/index.ts';
import type { AnchorConfiguration } from '../../../config/index.ts';
import { testFolder } from '../../../home/testing/folder.ts';
import { draft } from '../../index.ts';
import { stageEvents } from '../../seal/stage.ts';
import { chainOn, noted, testChain } from '../../testing/chain.ts';
import { Vocabulary } from '../../vocabulary.ts';
import type { Checkpointer } from '../checkpointer.ts';
import { checkpointEvents } from '../events.ts';
import { originOf, readCheckpoint } from '../form.ts';
import { checkpointsOn } from '../testing/checkpoints.ts';
import { buildAnchors } from './build.ts';
import type { Anchor } from './contract.ts';
import { AnchorKeeper } from './keeper.ts';
import { withoutPasswords } from './process.ts';

type Given = { kind: AnchorConfiguration['kind']; timeoutSeconds?: number } & Record<string, unknown>;

/** A chain with checkpoints, and one anchor that is asked to keep them only when a test says so. */
async function house(given: Given) {
  const made = await testChain();
  const home = testFolder();
  const vocabulary = new Vocabulary();
  vocabulary.register('kora', checkpointEvents);
  let anchor: Anchor | undefined;
  const { owner } = made.chain;
  const notary = await checkpointsOn({
    ...made,
    home,
    anchors: ({ pinned }) => {
      const wanted = [{ timeoutSeconds: 20, ...given } as AnchorConfiguration];
      [anchor] = buildAnchors(wanted, {
        database: made.database,
        workspace: 'default',
        directory: join(home, 'anchors'),
        env: process.env,
        parse: (note) => readCheckpoint(note, originOf('default'), pinned),
        stage: (tx, workspaceId, drafts) => stageEvents(tx, { ...owner, workspaceId }, vocabulary, drafts),
      });
      return anchor === undefined ? [] : [anchor];
    },
  });
  if (anchor === undefined) throw new Error('no anchor was built');
  const { checkpointer } = notary;
  const errors: string[] = [];
  const keeper = new AnchorKeeper(anchor, {
    database: made.database,
    workspaceId: made.workspaceId,
    clock: systemClock(),
    newest: () => checkpointer.latest(),
    onError: (where, error) => void errors.push(`${where}: ${String(error)}`),
  });
  const sign = async (): Promise<string> => {
    await made.chain.appendSealed(draft(noted, { n: 1 }));
    await checkpointer.checkpoint();
    return (await checkpointer.latest())?.note ?? '';
  };
  const bring = (): Promise<boolean> => keeper.bring(new AbortController().signal);
  return { ...made, ...notary, home, anchor, sign, bring, errors };
}

async function stateOf(checkpointer: Checkpointer) {
  const [state] = await checkpointer.anchors();
  return state;
}

const never = new AbortController().signal;

test('a command gets the note on its input, once a checkpoint; exit code 0 means that it is kept', async () => {
  const kept = join(testFolder(), 'kept');
  const script = `cat >> ${kept}; echo "$CHECKPOINT_SIZE \${KORA_SECRET:-none}" >> ${kept}`;
  process.env['KORA_SECRET'] = 'hunter2';
  const { checkpointer, sign, bring } = await house({ kind: 'command', command: ['/bin/sh', '-c', script] });
  delete process.env['KORA_SECRET'];
  expect(await bring()).toBe(false);
  const note = await sign();
  expect(await bring()).toBe(true);
  expect(await bring()).toBe(false);
  expect(readFileSync(kept, 'utf8')).toBe(`${note}1 none\n`);
  expect(await stateOf(checkpointer)).toMatchObject({
    kind: 'command',
    size: 1,
    attempts: 0,
    lastError: null,
  });
});

test('an anchor that is away is tried later, and caught up with the newest alone', async () => {
  const folder = testFolder();
  const [here, kept] = [join(folder, 'here'), join(folder, 'kept')];
  const command = ['/bin/sh', '-c', `test -e ${here} || { echo "no way" >&2; exit 3; }; cat >> ${kept}`];
  const { checkpointer, sign, bring, errors, database } = await house({ kind: 'command', command });
  await sign();
  expect(await bring()).toBe(false);
  expect(await stateOf(checkpointer)).toMatchObject({
    size: 0,
    attempts: 1,
    lastError: expect.stringContaining('no way'),
  });
  expect(errors).toEqual([expect.stringContaining('ended with code 3: no way')]);
  writeFileSync(here, '');
  await sign();
  const newest = await sign();
  // Not before its time.
  expect(await bring()).toBe(false);
  await database.query('update kora.anchor_state set next_try_at = clock_timestamp()');
  expect(await bring()).toBe(true);
  expect(readFileSync(kept, 'utf8')).toBe(newest);
  expect(await stateOf(checkpointer)).toMatchObject({
    size: 3,
    attempts: 0,
    lastError: null,
    nextTryAt: null,
  });
});

test('a command that hangs is ended with all it started, and holds up nothing', async () => {
  const started = join(testFolder(), 'started');
  const command = ['/bin/sh', '-c', `sleep 300 & echo $! > ${started}; sleep 300`];
  const { checkpointer, sign, bring } = await house({ kind: 'command', command, timeoutSeconds: 1 });
  await sign();
  const brought = bring();
  await sign();
  expect(await brought).toBe(false);
  expect(await stateOf(checkpointer)).toMatchObject({ attempts: 1 });
  const pid = Number(readFileSync(started, 'utf8'));
  await expect.poll(() => isGone(pid)).toBe(true);
});

/** Ended; one that nobody has buried yet counts as ended. */
function isGone(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return true;
  }
}

test('what a command gives back is evidence', async () => {
  const kept = join(testFolder(), 'kept');
  const { checkpointer, anchor, sign, bring, scope, database, home, rewindings } = await house({
    kind: 'command',
    command: ['/bin/sh', '-c', `cat >> ${kept}; echo >> ${kept}`],
    read: ['/bin/sh', '-c', `cat ${kept}`],
  });
  await sign();
  await bring();
  await sign();
  await bring();
  expect(await anchor.newest?.(never)).toMatchObject({ size: 2, verdict: 'valid' });
  // All that this machine has is rewritten: only the anchor still knows.
  for (const table of ['event', 'event_0', 'event_body', 'event_body_0', 'checkpoint'])
    await database.query(`alter table kora.${table} disable trigger user`);
  await database.query('delete from kora.checkpoint');
  await database.query('delete from kora.event where seq > 1');
  await database.query('delete from kora.event_body where seq > 1');
  await database.query(
    'update kora.chain_head set seq = 1, hash = (select hash from kora.event where seq = 1)',
  );
  rmSync(join(home, 'checkpoints', 'default.log'));
  await checkpointer.start(scope);
  await expect.poll(() => rewindings).toMatchObject([{ source: anchor.name, size: 2, headSeq: 1 }]);
});

/** A remote as a server would have it, and what its branch says. */
function remote(): { path: string; read: () => string; commits: () => number } {
  const path = join(testFolder(), 'remote.git');
  execFileSync('git', ['init', '--quiet', '--bare', path]);
  const git = (...args: string[]): string =>
    execFileSync('git', ['--git-dir', path, ...args], { encoding: 'utf8' });
  return {
    path,
    read: () => git('show', 'kora-checkpoints:checkpoints/default.log'),
    commits: () => Number(git('rev-list', '--count', 'kora-checkpoints')),
  };
}

const gitAt = (path: string): Given => ({
  kind: 'git',
  remote: path,
  branch: 'kora-checkpoints',
  directory: 'checkpoints',
});

test('a git remote gets one commit a checkpoint, and gives the newest back to a home that never saw it', async () => {
  const { path, read, commits } = remote();
  const { anchor, checkpointer, sign, bring, home } = await house(gitAt(path));
  expect(await anchor.newest?.(never)).toBeUndefined();
  const first = await sign();
  expect(await bring()).toBe(true);
  const second = await sign();
  expect(await bring()).toBe(true);
  expect(read()).toBe(`${first}\n${second}\n`);
  expect(commits()).toBe(2);
  expect(await stateOf(checkpointer)).toMatchObject({ kind: 'git', size: 2 });
  rmSync(join(home, 'anchors'), { recursive: true });
  expect(await anchor.newest?.(never)).toMatchObject({ size: 2, note: second, verdict: 'valid' });
});

test('a push that failed is made good, and one that went through unheard is not made twice', async () => {
  const { path, read, commits } = remote();
  const { sign, bring, database, home } = await house(gitAt(path));
  const due = (set: string): Promise<object[]> =>
    database.query(`update kora.anchor_state set ${set}, next_try_at = null`);
  renameSync(path, `${path}.away`);
  const first = await sign();
  expect(await bring()).toBe(false);
  renameSync(`${path}.away`, path);
  await due('attempts = 1');
  expect(await bring()).toBe(true);
  // As after a crash between the push and the cursor, with a clone that was cut off in the middle.
  await due('number = 0');
  writeFileSync(join(home, 'anchors', readdirSync(join(home, 'anchors'))[0] ?? '', '.git', 'index.lock'), '');
  expect(await bring()).toBe(true);
  expect(read()).toBe(`${first}\n`);
  expect(commits()).toBe(1);
});

test('another workspace of the store takes a checkpoint as an event of its own chain', async () => {
  const { anchor, checkpointer, sign, bring, database, errors } = await house({
    kind: 'workspace',
    workspace: 'other',
  });
  const note = await sign();
  expect(await bring()).toBe(false);
  expect(errors).toEqual([expect.stringContaining('no workspace other')]);
  const other = await chainOn(database, { workspace: 'other' });
  await database.query('update kora.anchor_state set next_try_at = null');
  expect(await bring()).toBe(true);
  await expect
    .poll(() => other.chain.read({ type: 'kora.chain.anchored' }))
    .toMatchObject([{ payload: { workspace: 'default', size: 1, note } }]);
  expect(await anchor.newest?.(never)).toMatchObject({ size: 1, verdict: 'valid' });
  expect(await stateOf(checkpointer)).toMatchObject({ kind: 'workspace', size: 1 });
});

test('a running checkpointer brings each checkpoint without being asked', async () => {
  const kept = join(testFolder(), 'kept');
  const { checkpointer, scope, sign } = await house({
    kind: 'command',
    command: ['/bin/sh', '-c', `cat >> ${kept}`],
  });
  await checkpointer.start(scope);
  const first = await sign();
  await expect.poll(() => existsSync(kept) && readFileSync(kept, 'utf8')).toBe(first);
  const second = await sign();
  await expect.poll(() => readFileSync(kept, 'utf8')).toBe(`${first}${second}`);
});

test('the password of a remote is in no error', () => {
  expect(withoutPasswords("fatal: unable to access 'https://kora:hunter2@git.example/x/': no")).toBe(
    "fatal: unable to access 'https://git.example/x/': no",
  );
});
