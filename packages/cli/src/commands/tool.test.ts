import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactRow, ToolDetail } from '@kora/runtime/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Route } from '../testing/api-server.ts';
import { before } from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

const tool: ToolDetail = {
  name: 'kora__get_ticket',
  owner: 'kora',
  description: 'One ticket whole.',
  capability: 'cap_read_runtime',
  sideEffects: 'none',
  parallel: true,
  timeoutMs: 10_000,
  maxBytes: 16_384,
  offeredTo: 'reasoning',
  offeredOn: ['cli', 'ticket'],
  trimmedOn: ['slack_dm'],
  inputSchema: { type: 'object', properties: { ticket_id: { type: 'integer' } } },
  grantedTo: ['plugin:reasoning'],
};

const lines = [{ tide: 'high' }, { tide: 'low' }];
const content = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
const artifact: ArtifactRow = {
  artifactId: `art_${'0193a'.padEnd(32, 'f')}`,
  name: 'tides.txt',
  type: 'text/plain',
  size: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
  madeBy: 'tides',
  ticketId: 7,
  createdAt: before(3_600),
  expiresAt: before(-86_400),
};
const at = `/api/artifacts/${artifact.artifactId}`;

const routes: Record<string, Route> = {
  'GET /api/tools': ({ query }) => (query['route'] === 'email_inbound' ? [] : [tool]),
  'GET /api/tools/kora__get_ticket': () => tool,
  'GET /api/artifacts': () => [
    artifact,
    { ...artifact, artifactId: `art_${'0'.repeat(32)}`, name: 'b.md', expiresAt: null },
  ],
  [`GET ${at}`]: () => artifact,
  [`GET ${at}/content`]: () => ({ lines }),
  [`POST ${at}/remove`]: () => artifact,
};

let scene: Scene;
beforeEach(async () => {
  scene = await openScene({ routes });
});
afterEach(async () => await scene.close());

describe('tools', () => {
  it('are listed with where they are offered', async () => {
    const { stdout } = await scene.run('tool', 'list');
    expect(stdout).toMatch(/^kora__get_ticket +kora +none +cap_read_runtime +cli, ticket$/m);
    const none = await scene.run('tool', 'list', '--route', 'email_inbound');
    expect(none.stdout).toContain('nothing is offered on email_inbound');
    expect(scene.api.asked.at(-1)?.query).toEqual({ route: 'email_inbound' });
  });

  it('are shown whole by the start of a name, with what they take and who may use them', async () => {
    const { stdout } = await scene.run('tool', 'show', 'kora__get_t');
    expect(stdout).toMatch(/^kora__get_ticket {2}of kora$/m);
    expect(stdout).toMatch(/^granted to +plugin:reasoning$/m);
    expect(stdout).toMatch(/^not offered on +slack_dm: /m);
    expect(stdout).toMatch(/^takes at most +10 s$/m);
    expect(stdout).toMatch(/^ {6}"ticket_id": \{$/m);
    expect(await scene.run('tool', 'show', 'fetch')).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('kora tool list'),
    });
  });
});

describe('tools, while nobody thinks', () => {
  it('are there, and it is said that they are offered to nobody', async () => {
    await scene.close();
    const idle = { ...tool, offeredTo: null, offeredOn: [] };
    scene = await openScene({
      routes: { 'GET /api/tools': () => [idle], 'GET /api/tools/kora__get_ticket': () => idle },
    });
    expect((await scene.run('tool', 'list')).stdout).toContain('nobody thinks here');
    expect((await scene.run('tool', 'show', 'kora')).stdout).toMatch(/^offered on +nobody thinks here/m);
  });
});

describe('artifacts', () => {
  it('are listed, and shown by the start of an id or a name', async () => {
    const { stdout } = await scene.run('artifact', 'list', '--by', 'tides');
    expect(stdout).toMatch(/^art_0193af+ +text\/plain +\d+ bytes +tides +1 h ago +in 1 d +tides\.txt$/m);
    expect(stdout).toMatch(/removed +b\.md$/m);
    expect(scene.api.asked.at(-1)?.query).toEqual({ madeBy: 'tides' });
    for (const named of ['art_0193a', 'tides', artifact.artifactId]) {
      const shown = await scene.run('artifact', 'show', named, '--json');
      expect(shown.document().data).toMatchObject({ name: 'tides.txt', sha256: artifact.sha256 });
    }
    expect((await scene.run('artifact', 'show', 'art_0')).exit).toBe(64);
  });

  it('are saved under their own name, proved by their hash, for whoever saves alone', async () => {
    const ran = await scene.run('artifact', 'save', 'art_0193a', '--json');
    const file = join(scene.folder, 'tides.txt');
    expect(ran.document().data).toEqual({
      file,
      artifactId: artifact.artifactId,
      bytes: content.length,
      sha256: artifact.sha256,
    });
    expect(await readFile(file, 'utf8')).toBe(content);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await scene.run('artifact', 'save', 'art_0193a')).exit).toBe(64);
  });

  it.each([
    ['bytes that are not those that were kept', { lines: [{ tide: 'low' }] }, 1],
    ['a connection that is cut', { lines, cut: true }, 69],
  ])('%s leave no file', async (_, answer, exit) => {
    await scene.close();
    scene = await openScene({ routes: { ...routes, [`GET ${at}/content`]: () => answer } });
    const ran = await scene.run('artifact', 'save', 'art_0193a', '--out', 'x.txt');
    expect(ran.exit).toBe(exit);
    expect(await readdir(scene.folder)).toEqual(['home']);
  });

  it('whose name would lead elsewhere is saved only where it is said', async () => {
    await scene.close();
    const tricky = { ...artifact, name: '../../.bashrc' };
    scene = await openScene({ routes: { ...routes, [`GET ${at}`]: () => tricky } });
    expect((await scene.run('artifact', 'save', artifact.artifactId)).exit).toBe(64);
    await mkdir(join(scene.folder, 'safe'));
    expect((await scene.run('artifact', 'save', artifact.artifactId, '--out', 'safe/x')).exit).toBe(0);
  });

  it('are not saved over anything', async () => {
    await writeFile(join(scene.folder, 'tides.txt'), 'mine');
    expect((await scene.run('artifact', 'save', 'art_0193a')).exit).toBe(64);
    expect(await readFile(join(scene.folder, 'tides.txt'), 'utf8')).toBe('mine');
  });

  it('are removed with a reason', async () => {
    expect((await scene.run('artifact', 'remove', 'art_0193a')).exit).toBe(64);
    const ran = await scene.run('artifact', 'remove', 'art_0193a', '--reason', 'names a customer');
    expect(ran).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^removed {2}tides\.txt/) });
    expect(scene.api.asked.at(-1)?.body).toEqual({ reason: 'names a customer' });
  });
});
