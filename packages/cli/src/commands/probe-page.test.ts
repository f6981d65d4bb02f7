import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Route } from '../testing/api-server.ts';
import * as row from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

const dayMs = 86_400_000;
const routes: Record<string, Route> = {
  'GET /api/probes': () => [
    row.probe(),
    row.probe({ name: 'smtp', status: 'unreachable', target: 'mail.inside:25' }),
  ],
  'GET /api/probe-days': () => [
    {
      probe: 'checkout',
      days: [{ at: '2026-11-21T00:00:00.000Z', looks: 100, good: 99 }],
      windows: [1, 7, 30, 90].map((days) => ({ windowMs: days * dayMs, looks: 100, good: 99 })),
    },
  ],
  'GET /api/incidents': () => [row.incident()],
  'GET /api/probe-windows': () => [],
};

let scene: Scene;
beforeEach(async () => void (scene = await openScene({ routes })));
afterEach(async () => await scene.close());

it('list says which probes are in a maintenance window, and has no column for it while none is', async () => {
  expect((await scene.run('probe', 'list')).stdout).not.toMatch(/window/);
  const quiet = await openScene({
    routes: {
      'GET /api/probes': () => [row.probe({ windowEndsAt: row.before(-3_600) }), row.probe({ name: 'db' })],
    },
  });
  const { stdout } = await quiet.run('probe', 'list');
  await quiet.close();
  expect(stdout).toMatch(/^name +status +window +since/m);
  expect(stdout).toMatch(/^checkout +healthy +ends in 1 h +/m);
  expect(stdout).toMatch(/^db +healthy +\d+ min ago/m);
});

it('writes the page and its data, for everybody to read, and leaves no draft', async () => {
  const out = join(scene.folder, 'a', 'public');
  const { exit, stdout } = await scene.run('probe', 'page', '--out', 'a/public', '--title', 'Shop & Co');
  expect([exit, stdout]).toEqual([0, expect.stringContaining('1 of 2 failing')]);
  expect((await readdir(out)).toSorted()).toEqual(['index.html', 'status.json']);
  const html = await readFile(join(out, 'index.html'), 'utf8');
  expect(html).toContain('<h1>Shop &amp; Co</h1>');
  const data: unknown = JSON.parse(await readFile(join(out, 'status.json'), 'utf8'));
  expect(data).toMatchObject({ schemaVersion: 1, title: 'Shop & Co', state: 'failing', asOf: row.noon });
  expect(html + JSON.stringify(data)).not.toMatch(/127\.0\.0\.1|mail\.inside|ECONNREFUSED/);
  expect((await stat(join(out, 'index.html'))).mode & 0o444).toBe(0o444);
});

it('says as data where it wrote what, and asks for as many days as the windows need', async () => {
  const ran = await scene.run('probe', 'page', '--out', 'public', '--history', '7', '--details', '--json');
  const files = ['index.html', 'status.json'].map((name) => join(scene.folder, 'public', name));
  expect(ran.document().data).toEqual({ files, state: 'failing', probes: 2 });
  expect(scene.api.asked.find(({ path }) => path === '/api/probe-days')?.query).toEqual({ days: '90' });
  expect(await readFile(files[0] ?? '', 'utf8')).toContain('mail.inside:25');
});

it('shows groups in the order they were named, and nothing else', async () => {
  const shop = ['--group', 'Shop=checkout'];
  const { exit } = await scene.run('probe', 'page', '--out', 'public', ...shop, '--group', 'Mail = smtp');
  const data = JSON.parse(await readFile(join(scene.folder, 'public', 'status.json'), 'utf8')) as {
    groups: { name: string }[];
  };
  expect([exit, data.groups.map(({ name }) => name)]).toEqual([0, ['Shop', 'Mail']]);
});

it('an old page stays what it was when the new one cannot be written', async () => {
  const out = join(scene.folder, 'public');
  await mkdir(join(out, 'index.html', 'in the way'), { recursive: true });
  await writeFile(join(scene.folder, 'file'), '');
  for (const folder of ['public', 'file'])
    expect((await scene.run('probe', 'page', '--out', folder)).exit).toBe(64);
  expect(await readdir(out)).toEqual(['index.html']);
});

it.each([
  ['no folder', []],
  ['no history', ['--out', 'public', '--history', '0']],
  ['a history longer than is kept', ['--out', 'public', '--history', '401']],
  ['a group without probes', ['--out', 'public', '--group', 'Shop=']],
  ['a group without a name', ['--out', 'public', '--group', 'checkout']],
])('with %s it writes nothing', async (_, args) => {
  expect((await scene.run('probe', 'page', ...args)).exit).toBe(64);
  expect(await readdir(scene.folder)).toEqual(['home']);
});

it('a probe that is not there is named', async () => {
  const { exit, stderr } = await scene.run('probe', 'page', '--out', 'public', '--group', 'Shop=shop');
  expect([exit, stderr]).toEqual([1, expect.stringContaining('there is no probe shop')]);
});
