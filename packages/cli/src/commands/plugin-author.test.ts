import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { spawnKora } from '../testing/spawned.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'kora-author-'))));
afterEach(async () => await rm(folder, { recursive: true, force: true }));

const runtime = fileURLToPath(new URL('../../../runtime', import.meta.url));

const manifest = {
  name: 'kora-plugin-tide',
  version: '0.1.0',
  private: true,
  type: 'module',
  kora: { id: 'tide', api: 1, entry: './index.ts', secrets: ['API_TOKEN'] },
};

const entry = (word: string): string => `
import { definePlugin } from '@kora/runtime/plugin';
export default definePlugin({
  id: 'tide',
  async register(context) {
    await context.registerPeriodicTask({
      name: 'tide.measure',
      cadence: { everyMs: 3_600_000 },
      purpose: 'observe',
      run: async () => context.log.info(\`${word} \${await context.secret('API_TOKEN')} \${process.env.DATABASE_URL}\`),
    });
  },
});
`;

/** A plugin by hand: two files, beside a runtime that is installed. */
async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await mkdir(join(folder, 'node_modules/@kora'), { recursive: true });
  await symlink(runtime, join(folder, 'node_modules/@kora/runtime'));
}

const env = { KORA_PLUGIN_TIDE_API_TOKEN: 's3cret', DATABASE_URL: 'postgres://operator' };

it('dev runs two files in memory at every save, with the secrets they declare and nothing else of the environment', async () => {
  await write({ 'package.json': JSON.stringify(manifest), 'index.ts': entry('high') });
  const { child, ended } = spawnKora(['plugin', 'dev', folder, '--json'], env);
  let said = '';
  child.stdout.on('data', (piece: Buffer) => (said += piece.toString()));
  await expect.poll(() => said).toContain('"kind":"summary"');
  const lines = said.trim().split('\n');
  const told = lines.map((line) => JSON.parse(line) as { readonly kind: string; readonly text?: string });
  expect(told.map(({ kind }) => kind)).toEqual(['wake', 'log', 'decision', 'cost', 'summary']);
  expect(told[1]?.text).toBe('info high s3cret undefined');
  await writeFile(join(folder, 'index.ts'), entry('low'));
  await expect.poll(() => said).toContain('info low s3cret');
  child.kill('SIGINT');
  expect((await ended).code).toBe(0);
});

it('two files with nothing installed beside them get the runtime of the command', async () => {
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(folder, 'index.ts'), entry('high'));
  expect(await spawnKora(['plugin', 'manifest', folder]).ended).toMatchObject({ code: 0 });
  const { code, stdout } = await spawnKora(['plugin', 'check', folder, '--execute']).ended;
  expect([code, stdout]).toEqual([0, expect.stringContaining('0 errors')]);
  const dev = await spawnKora(['plugin', 'dev', folder, '--once'], env).ended;
  expect([dev.code, dev.stdout]).toEqual([0, expect.stringContaining('info high s3cret undefined')]);
});

it('manifest writes what the plugin registers; --check compares, and ends with 1 where it differs', async () => {
  await write({ 'package.json': JSON.stringify(manifest, null, 4), 'index.ts': entry('high') });
  const before = await spawnKora(['plugin', 'manifest', folder, '--check', '--json']).ended;
  expect(before.code).toBe(1);
  expect(JSON.parse(before.stdout)).toMatchObject({
    data: { changes: ['kora.contributes.tasks: tide.measure'], written: [] },
  });
  expect(await spawnKora(['plugin', 'manifest', folder]).ended).toMatchObject({ code: 0 });
  const text = await readFile(join(folder, 'package.json'), 'utf8');
  const contributes = { tasks: ['tide.measure'] };
  expect(text).toBe(JSON.stringify({ ...manifest, kora: { ...manifest.kora, contributes } }, null, 4));
  expect(await spawnKora(['plugin', 'manifest', folder, '--check']).ended).toMatchObject({ code: 0 });
});

it('check reads and runs nothing; --execute loads it where it may read files and nothing else; --sarif is SARIF', async () => {
  const loads = join(folder, 'loaded');
  const bad = `
import { writeFileSync } from 'node:fs';
try { writeFileSync(${JSON.stringify(loads)}, ''); } catch (error) { console.log(error.code); }
${entry('high')}`;
  await write({ 'package.json': JSON.stringify(manifest), 'index.ts': bad });
  const read = await spawnKora(['plugin', 'check', folder]).ended;
  expect(read).toMatchObject({ code: 0, stdout: expect.stringContaining('0 errors') });
  const { code, stdout } = await spawnKora(['plugin', 'check', folder, '--execute', '--sarif']).ended;
  await expect(readFile(loads)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(code).toBe(1);
  const report = JSON.parse(stdout) as {
    readonly version: string;
    readonly runs: readonly {
      readonly results: readonly {
        readonly ruleId: string;
        readonly level: string;
        readonly message: object;
      }[];
    }[];
  };
  expect(report.version).toBe('2.1.0');
  const errors = report.runs[0]?.results.filter(({ level }) => level === 'error') ?? [];
  expect(errors).toEqual([
    expect.objectContaining({
      ruleId: 'execute/import-does-nothing',
      message: { text: expect.stringContaining('printed "ERR_ACCESS_DENIED"') },
    }),
    expect.objectContaining({
      ruleId: 'execute/declared-is-registered',
      message: { text: expect.stringContaining('tasks registered and not declared: tide.measure') },
    }),
  ]);
});
