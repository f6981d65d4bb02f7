import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Lines } from '../../testing/api-server.ts';
import { checkpoints, status } from '../../testing/rows.ts';
import { openScene } from '../../testing/scene.ts';
import type { Scene } from '../../testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

// A file of the first version, as it will have to be read for ever.
const golden = new URL('../../../../runtime/src/chain/retain/testing/export-v1.ndjson', import.meta.url);
const goldenText = readFileSync(golden, 'utf8');
const goldenLines = goldenText
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as object);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

async function sceneThatExports(answer: Lines): Promise<Scene> {
  return await openScene({ routes: { 'GET /api/chain/export': () => answer } });
}

describe('event export', () => {
  it('writes what came, says what it wrote, and the file verifies', async () => {
    scene = await sceneThatExports({ lines: goldenLines });
    const ran = await scene.run(
      'event',
      'export',
      '--out',
      'chain.ndjson',
      '--from',
      '1',
      '--to',
      '9',
      '--json',
    );
    expect(ran.exit).toBe(0);
    const file = join(scene.folder, 'chain.ndjson');
    const text = await readFile(file, 'utf8');
    expect(text).toBe(goldenText);
    expect(ran.document().data).toMatchObject({ file, bytes: Buffer.byteLength(text), sha256: sha256(text) });
    expect(scene.api.asked.at(-1)?.query).toEqual({ from: '1', to: '9' });
    const verified = await scene.run('event', 'verify', '--file', 'chain.ndjson', '--json');
    expect(verified.document().data).toMatchObject({ ok: true, sha256: sha256(text), pinned: false });
  });

  it.each([
    ['a connection that is cut', { lines: goldenLines.slice(0, 3), cut: true }],
    ['an answer without its last line', { lines: goldenLines.slice(0, -1) }],
  ])('%s leaves no file', async (_, answer) => {
    scene = await sceneThatExports(answer);
    const ran = await scene.run('event', 'export', '--out', 'chain.ndjson', '--json');
    expect(ran.exit).toBe(69);
    expect(await readdir(scene.folder)).toEqual(['home']);
  });

  it('overwrites nothing', async () => {
    scene = await sceneThatExports({ lines: goldenLines });
    await writeFile(join(scene.folder, 'chain.ndjson'), 'mine');
    expect((await scene.run('event', 'export', '--out', 'chain.ndjson')).exit).toBe(64);
    expect(await readFile(join(scene.folder, 'chain.ndjson'), 'utf8')).toBe('mine');
  });
});

describe('event verify --file', () => {
  it('needs no runtime, and names the event whose body was changed', async () => {
    scene = await openScene({ running: false });
    const at = goldenLines.findIndex((line) => 'seq' in line && line.seq === 2);
    const lines = goldenText.split('\n');
    const body = /"body":"(.)/;
    lines[at] = (lines[at] ?? '').replace(body, '"body":" $1');
    await writeFile(join(scene.folder, 'chain.ndjson'), lines.join('\n'));
    const ran = await scene.run('event', 'verify', '--file', 'chain.ndjson');
    expect(ran.exit).toBe(1);
    expect(ran.stdout).toMatch(/^changed at #2 {2}after 1 event checked\n/);
  });

  it('refuses what is no export, no file, or no key', async () => {
    scene = await openScene({ running: false });
    await mkdir(join(scene.folder, 'folder'));
    await writeFile(join(scene.folder, 'other'), '{"a":1}\n');
    await writeFile(join(scene.folder, 'chain.ndjson'), goldenText);
    for (const [file, code] of [
      ['other', 'KORA_REQUEST_INVALID'],
      ['folder', 'KORA_NOT_FOUND'],
      ['none', 'KORA_NOT_FOUND'],
    ] as const) {
      const ran = await scene.run('event', 'verify', '--file', file, '--json');
      expect(ran.document().error).toMatchObject({ code });
    }
    const ran = await scene.run('event', 'verify', '--file', 'chain.ndjson', '--key', 'nonsense', '--json');
    expect(ran.document().error).toMatchObject({ code: 'KORA_REQUEST_INVALID' });
  });
});

describe('event prune', () => {
  const pruned = { upto: 2, removed: 2, partitions: 0, done: true };

  it('verifies the file first and hands over its range and its hash', async () => {
    const workspace = String(Reflect.get(goldenLines[0] ?? {}, 'workspace'));
    scene = await openScene({
      routes: {
        'GET /api/status': () => status({ workspace }),
        'GET /api/chain/checkpoints': () => checkpoints({ publicKeys: [] }),
        'POST /api/chain/prune': () => pruned,
      },
    });
    await writeFile(join(scene.folder, 'chain.ndjson'), goldenText);
    const line = ['event', 'prune', '--through', '2', '--export', 'chain.ndjson', '--reason', 'old', '--yes'];
    const ran = await scene.run(...line);
    expect(ran).toMatchObject({ exit: 0, stdout: expect.stringContaining('events up to #2 are gone') });
    expect(scene.api.asked.at(-1)?.body).toEqual({
      upto: 2,
      exported: {
        from: 1,
        to: Reflect.get(goldenLines[0] ?? {}, 'to') as unknown,
        sha256: sha256(goldenText),
      },
      reason: 'old',
    });
    await writeFile(join(scene.folder, 'chain.ndjson'), goldenText.replace('"body":"', '"body":" '));
    const refused = await scene.run(...line, '--json');
    expect(refused.document().error).toMatchObject({ code: 'KORA_PRUNE_REFUSED' });
    expect(scene.api.asked.filter(({ path }) => path === '/api/chain/prune')).toHaveLength(1);
  });
});
