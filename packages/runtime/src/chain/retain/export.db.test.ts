import { execFile } from 'node:child_process';
import { generateKeyPairSync, hash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { originOf, signCheckpoint } from '../checkpoint/form.ts';
import { Frontier } from '../checkpoint/merkle.ts';
import { verifierKey } from '../checkpoint/note.ts';
import type { NoteSigner } from '../checkpoint/note.ts';
import { chainEvents } from '../events.ts';
import { draft, Vocabulary } from '../index.ts';
import { noted, said, testChain } from '../testing/chain.ts';
import type { TestChain } from '../testing/chain.ts';
import type { TestDatabase } from '../../store/testing/database.ts';
import { exportEvents } from './export.ts';
import type { Exported, ExportOptions } from './export.ts';
import { redactEvent } from './redact.ts';
import { verifyExport, scriptFile } from './testing/export-script.ts';

type Made = TestChain & TestDatabase;

const pair = generateKeyPairSync('ed25519');
const signer: NoteSigner = {
  key: verifierKey(originOf('default'), pair.publicKey),
  privateKey: pair.privateKey,
};

async function raise({ chain }: Made, drafts: readonly ReturnType<typeof draft>[]): Promise<void> {
  const { seq } = await chain.head();
  await chain.append(drafts);
  await expect.poll(async () => (await chain.head()).seq).toBe(seq + drafts.length);
}

/** The lines of an export, taken by a reader that is slower than the store. */
async function exported(
  { database, workspaceId }: Made,
  options: Partial<ExportOptions> = {},
): Promise<{ text: string; result: Exported }> {
  const chunks: Buffer[] = [];
  const out = new Writable({
    highWaterMark: 1_024,
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      setImmediate(done);
    },
  });
  const result = await exportEvents({ database, workspaceId, workspace: 'default', out, ...options });
  return { text: Buffer.concat(chunks).toString('utf8'), result };
}

async function* checkpointsOf(
  { chain }: Made,
  sizes: readonly number[],
): AsyncGenerator<{ size: number; note: string }> {
  const frontier = new Frontier();
  for (const event of await chain.read({ limit: 1_000 })) {
    const eventHash = Buffer.from(event.hash, 'hex');
    frontier.add(eventHash);
    if (sizes.includes(event.seq))
      yield {
        size: event.seq,
        note: signCheckpoint({ size: event.seq, root: frontier.root(), eventHash }, signer),
      };
  }
}

const manyNotes = (count: number): ReturnType<typeof draft>[] =>
  Array.from({ length: count }, (_, n) =>
    n % 3 === 0
      ? draft(
          said,
          { text: `“${n}” \u0001\\ \ud83d\udc1a\n` },
          { correlationId: 'story', ticketId: n, fence: 9 },
        )
      : draft(noted, { n }),
  );

test('an export proves by itself: events, exact bodies, checkpoints and what was redacted', async () => {
  const made = await testChain();
  await raise(made, manyNotes(700));
  const vocabulary = new Vocabulary();
  vocabulary.register('kora', chainEvents);
  await made.database.transaction((tx) =>
    redactEvent(tx, made.chain.owner, vocabulary, { seq: 4, reason: 'a name' }),
  );
  made.chain.staged();
  await expect.poll(async () => (await made.chain.head()).seq).toBe(701);
  const checkpoints = checkpointsOf(made, [1, 6, 333, 700]);
  const { text, result } = await exported(made, { checkpoints, keys: [signer.key.text] });
  expect(result).toEqual({ from: 1, to: 701, events: 701, checkpoints: 4, sha256: hash('sha256', text) });
  const lines = text.trimEnd().split('\n');
  expect(lines).toHaveLength(1 + 701 + 4 + 1);
  expect(await verifyExport(lines, [signer.key.text])).toMatchObject({
    ok: true,
    checked: 701,
    completeness: { redacted: 1, prunedThrough: 0, checkpoints: 4, checkpointedThrough: 700 },
    pinned: true,
  });
});

test('a part of the chain is exported with the hash it follows, and proves as far as it goes', async () => {
  const made = await testChain();
  await raise(made, manyNotes(20));
  const { text, result } = await exported(made, {
    from: 5,
    to: 12,
    checkpoints: checkpointsOf(made, [3, 8, 15]),
  });
  expect(result).toMatchObject({ from: 5, to: 12, events: 8, checkpoints: 1 });
  expect(await verifyExport(text.trimEnd().split('\n'))).toMatchObject({
    ok: true,
    from: 5,
    to: 12,
    checked: 8,
  });
  const nothing = await exported(made, { from: 30 });
  expect(await verifyExport(nothing.text.trimEnd().split('\n'))).toMatchObject({ ok: true, checked: 0 });
});

test('the script runs without Kora, names the damage and exits accordingly', async () => {
  const made = await testChain();
  await raise(made, manyNotes(10));
  const folder = await mkdtemp(join(tmpdir(), 'kora-export-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const script = join(folder, 'verify-export.mjs');
  await writeFile(script, await readFile(fileURLToPath(scriptFile)));
  const { text } = await exported(made);
  const run = async (file: string): Promise<{ code: number; stdout: string; stderr: string }> =>
    promisify(execFile)(process.execPath, [script, join(folder, file)], { cwd: folder }).then(
      (ran) => ({ code: 0, ...ran }),
      (error: unknown) => error as { code: number; stdout: string; stderr: string },
    );
  await writeFile(join(folder, 'whole'), text);
  await writeFile(join(folder, 'damaged'), text.replace('"n":4', '"n":5').replace('\\"n\\":4', '\\"n\\":5'));
  await writeFile(join(folder, 'other'), 'not an export\n');
  expect(await run('whole')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('ok  10 events prove'),
  });
  expect(await run('damaged')).toMatchObject({ code: 1, stdout: expect.stringContaining('changed at #5') });
  expect(await run('other')).toMatchObject({ code: 2 });
  expect(await run('nowhere')).toMatchObject({ code: 2 });
});

test('an export of a chain whose rows are damaged says what the rows say, and does not prove', async () => {
  const made = await testChain();
  await raise(made, manyNotes(10));
  await made.database.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica');
    await tx.query('delete from kora.event where seq = 6');
  });
  const { text } = await exported(made);
  expect(await verifyExport(text.trimEnd().split('\n'))).toMatchObject({
    ok: false,
    firstBadSeq: 6,
    problem: 'missing',
    checked: 5,
  });
});
