import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import {
  keptSnapshotSchema,
  phrasebookEditSchema,
  phrasebookPreviewRequestSchema,
  phrasebookPreviewSchema,
  phrasebookRevertSchema,
  phrasebookSchema,
  phrasebookTestSchema,
  phrasebookVersionSchema,
  reasonSnapshotSchema,
} from '@kora/runtime/client';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Host, ToolOptions } from '../../host.ts';
import type { Route } from '../../testing/api-server.ts';
import { before, noon } from '../../testing/rows.ts';
import { openScene } from '../../testing/scene.ts';
import type { Scene } from '../../testing/scene.ts';
import { readBook, writeBook } from './file.ts';

const mine = { pattern: 'is the shop open $', reply: 'until ten', category: 'shop', description: 'hours' };
const shipped = {
  pattern: 'status $',
  reply: '{snapshot.tickets.summary}',
  category: 'state',
  description: 'all',
};
const version = {
  version: 3,
  kind: 'edit',
  at: before(60),
  by: 'operator',
  reason: 'hours',
  revertedTo: null,
  proposal: null,
  overlayEntries: 1,
  baseEntries: 1,
};
const learned = { proposalId: 12, revision: 1, onTrial: true };
const found = { index: 1, origin: 'base', entry: shipped };
const lookups: Readonly<Record<string, object>> = {
  status: { outcome: 'answered', text: '8 open', entry: found },
  'is shop up': { outcome: 'unknown', missing: 'snapshot.service_health.said.<service>', entry: found },
  depth: { outcome: 'answered', text: '12 m', entry: { ...found, origin: 'learned', learned } },
  cost: { outcome: 'left', entry: { index: 0, origin: 'operator', entry: { ...mine, reply: null } } },
};
const taken = {
  schema_version: 5,
  computed_at: before(12),
  runtime_id: 'r1',
  tickets: { as_of: before(12), open: 8, summary: '8 open: 4 queued' },
  identity: { as_of: before(12), name: 'marvin', plugin: 'marvin' },
  alerts: 'unknown',
};

const made = (over: object): unknown =>
  phrasebookVersionSchema.parse({ ...version, version: 4, at: noon, ...over });
let refusal: object | undefined;
const routes: Record<string, Route> = {
  'GET /api/phrasebook': ({ query }) =>
    phrasebookSchema.parse({
      ...version,
      inForce: query['version'] === undefined,
      overlay: [mine],
      entries: [
        { ...mine, index: 0, origin: 'operator', problem: null },
        { ...shipped, index: 1, origin: 'base', problem: null },
        { ...shipped, pattern: 'depth $', index: 3, origin: 'learned', learned, problem: null },
        { ...shipped, pattern: 'old $', index: 2, origin: 'base', problem: 'reply: {snapshot.x} is gone' },
      ],
    }),
  'GET /api/phrasebook/history': () => [
    phrasebookVersionSchema.parse(version),
    phrasebookVersionSchema.parse({ ...version, version: 2, kind: 'revert', revertedTo: 1 }),
    phrasebookVersionSchema.parse({ ...version, version: 1, kind: 'base', by: 'kora' }),
  ],
  'GET /api/phrasebook/test': ({ query }) =>
    phrasebookTestSchema.parse({
      version: 3,
      lookup: lookups[query['text'] ?? ''] ?? { outcome: 'unmatched' },
    }),
  'POST /api/phrasebook/preview': ({ body }) => {
    phrasebookPreviewRequestSchema.parse(body);
    return phrasebookPreviewSchema.parse({
      questions: 40,
      answeredBefore: 10,
      answeredAfter: 13,
      changes: [
        {
          text: 'open?',
          times: 3,
          lastAt: before(60),
          before: { outcome: 'unmatched' },
          after: lookups['status'],
        },
      ],
    });
  },
  'POST /api/phrasebook/edit': ({ body }) =>
    refusal ?? made({ overlayEntries: phrasebookEditSchema.parse(body).overlay.length }),
  'POST /api/phrasebook/revert': ({ body }) =>
    made({ kind: 'revert', revertedTo: phrasebookRevertSchema.parse(body).to ?? 2 }),
  'GET /api/reason/snapshot': ({ query }) =>
    reasonSnapshotSchema.parse({
      snapshot: taken,
      fresh: query['now'] === '1',
      ageMs: 12_000,
      placeholders: ['snapshot.tickets.open'],
    }),
  'GET /api/reason/snapshots': () => [keptSnapshotSchema.parse({ snapshotId: 7, snapshot: taken })],
  'GET /api/reason/snapshots/7': () => keptSnapshotSchema.parse({ snapshotId: 7, snapshot: taken }),
};

let scene: Scene;
beforeEach(async () => {
  refusal = undefined;
  scene = await openScene({ routes });
});
afterEach(async () => await scene.close());

describe('phrasebook', () => {
  it('lists what answers, in its order, and what does not any more', async () => {
    const { stdout } = await scene.run('phrasebook', 'list');
    expect(stdout).toMatch(/^version 3, in force, since 1 min ago$/m);
    expect(stdout).toMatch(/^ *0 +you +shop +hours +is the shop open \$$/m);
    expect(stdout).toMatch(/^ *1 +kora +state +all +status \$$/m);
    expect(stdout).toMatch(/^ *3 +proposal 12, on trial +state +all +depth \$$/m);
    expect(stdout).toContain('2 is not used: reply: {snapshot.x} is gone');
    const own = await scene.run('phrasebook', 'list', '--mine', '--of', '2');
    expect(own.stdout).toMatch(/not in force/);
    expect(own.stdout).toMatch(/^ *0 +you +shop +until ten +is the shop open \$$/m);
    expect(own.stdout).not.toContain('status $');
    expect(scene.api.asked.at(-1)?.query).toEqual({ version: '2' });
  });

  it.each([
    ['status', 0, /^8 open\nentry 1 \(shipped, state\) of version 3, at no cost$/m],
    ['depth', 0, /^12 m\nentry 1 \(learned by proposal 12, state\) of version 3, at no cost$/m],
    ['is shop up', 1, /^\{snapshot.service_health.said.<service>\} is not known, or not fresh$/m],
    ['cost', 1, /^left to whoever thinks\nentry 0 \(yours, shop\) of version 3$/m],
    ['write me a letter', 1, /^no entry fits$/m],
  ])('says of %j what would be answered', async (text, exit, words) => {
    const ran = await scene.run('phrasebook', 'test', text);
    expect(ran).toMatchObject({ exit, stdout: expect.stringMatching(words) });
  });

  it('shows its versions', async () => {
    const { stdout } = await scene.run('phrasebook', 'history');
    expect(stdout).toMatch(/^ *3 +1 min ago +edit +1 +1 +operator +hours$/m);
    expect(stdout).toMatch(/^ *2 +1 min ago +reverted to 1 /m);
  });

  it('is reverted to what was before, or to a version', async () => {
    expect((await scene.run('phrasebook', 'revert', '--reason', 'r')).stdout).toMatch(
      /^version 4 answers, since now/,
    );
    await scene.run('phrasebook', 'revert', '--to', '1', '--reason', 'r');
    expect(scene.api.asked.at(-1)?.body).toEqual({ reason: 'r', to: 1 });
    expect((await scene.run('phrasebook', 'revert')).exit).toBe(64);
  });

  it('says what a file would have changed', async () => {
    await writeFile(join(scene.folder, 'book.json'), JSON.stringify([mine]));
    const ran = await scene.run('phrasebook', 'preview', '--file', 'book.json', '--limit', '40');
    expect(scene.api.asked.at(-1)?.body).toEqual({ overlay: [mine], limit: 40 });
    expect(ran.stdout).toMatch(/^of 40 questions, 10 are answered now at no cost, and 13 would be$/m);
    expect(ran.stdout).toMatch(/^ *3 +1 min ago +open\? +\(whoever thinks\) +8 open$/m);
  });
});

describe('phrasebook edit', () => {
  const terminal = (change: (text: string) => string, code = 0) => {
    const tools: ToolOptions[] = [];
    const runTool = async (options: ToolOptions): Promise<number> => {
      tools.push(options);
      const file = options.args.at(-1) ?? '';
      await writeFile(file, change(await readFile(file, 'utf8')));
      return code;
    };
    const write = (): void => undefined;
    const stdout = { isTTY: true, columns: 120, closed: new AbortController().signal, write };
    const env = { KORA_HOME: scene.home, EDITOR: 'code --wait' };
    return { tools, host: { runTool, stdout, env } satisfies Partial<Host> };
  };
  const edit = ['phrasebook', 'edit', '--reason', 'r'];

  it('opens the editor on the file, and sends what was made of it, about the version that was read', async () => {
    const { tools, host } = terminal((text) => text.replace('until ten', 'until nine'));
    expect(await scene.live(edit, host).ended).toMatchObject({ exit: 0, stderr: '' });
    expect(tools).toMatchObject([
      { command: 'code', args: ['--wait', expect.stringMatching(/phrasebook\.yaml$/)] },
    ]);
    expect(scene.api.asked.at(-1)?.body).toEqual({
      overlay: [{ ...mine, reply: 'until nine' }],
      reason: 'r',
      expectedVersion: 3,
    });
    await expect(readFile(tools[0]?.args.at(-1) ?? '')).rejects.toThrow('ENOENT');
  });

  it.each([
    ['nothing was changed', (text: string) => text, 0, 0],
    ['the editor ended badly', () => 'entries: []', 1, 64],
  ])('changes nothing when %s', async (_, change, code, exit) => {
    const { tools, host } = terminal(change, code);
    expect(await scene.live(edit, host).ended).toMatchObject({ exit });
    expect(scene.api.asked.map(({ method }) => method)).not.toContain('POST');
    await expect(readFile(tools[0]?.args.at(-1) ?? '')).rejects.toThrow('ENOENT');
  });

  it.each([
    ['the runtime refuses', () => '- { pattern: "*" }\n', 'entry 0, pattern: it can match'],
    ['is no YAML', () => 'entries: [\n', 'phrasebook.yaml: '],
    ['holds no entries', () => 'hello\n', 'neither a list of entries'],
  ])('keeps what %s, and says where', async (_, change, words) => {
    refusal = { refuse: 400, code: 'KORA_PHRASEBOOK_INVALID', message: 'entry 0, pattern: it can match' };
    const { tools, host } = terminal(change);
    const ran = await scene.live(edit, host).ended;
    expect(ran).toMatchObject({ exit: 64, stderr: expect.stringContaining(words) });
    const file = tools[0]?.args.at(-1) ?? '';
    onTestFinished(() => rm(dirname(file), { recursive: true }));
    expect(ran.stderr).toContain(`kora phrasebook edit --file ${file} --reason`);
    expect(await readFile(file, 'utf8')).toBe(change());
  });

  it('without a terminal or an editor says how else', async () => {
    expect(await scene.run(...edit)).toMatchObject({
      exit: 64,
      stderr: expect.stringContaining('--out FILE'),
    });
  });

  it('writes the file, once, and takes it again', async () => {
    const out = join(scene.folder, 'book.yaml');
    expect((await scene.run('phrasebook', 'edit', '--out', out)).exit).toBe(0);
    expect((await scene.run('phrasebook', 'edit', '--out', out)).exit).toBe(64);
    expect((await scene.run(...edit, '--file', out)).exit).toBe(0);
    expect(scene.api.asked.at(-1)?.body).toEqual({ overlay: [mine], reason: 'r', expectedVersion: 3 });
    const piped = scene.live([...edit, '--file', '-'], { stdin: () => Readable.from(['[]']) });
    expect((await piped.ended).exit).toBe(0);
    expect(scene.api.asked.at(-1)?.body).toEqual({ overlay: [], reason: 'r' });
    expect((await scene.run(...edit, '--file', 'none.yaml')).exit).toBe(1);
    expect(await readdir(scene.folder)).toEqual(expect.arrayContaining(['book.yaml']));
  });

  it('reads what it writes, whatever is in it', () => {
    const entries = [
      mine,
      { ...shipped, reply: 'two\nlines: "quoted" # no comment' },
      { ...mine, reply: null },
    ];
    expect(readBook(writeBook({ version: 7, entries }), 'f')).toEqual({ version: 7, entries });
    expect(readBook('entries:\n', 'f')).toEqual({ entries: [] });
    expect(() => readBook('entries: 3', 'f')).toThrow('no list');
    expect(() => readBook('{version: x, entries: []}', 'f')).toThrow('no number');
  });
});

describe('snapshot', () => {
  it('shows a sentence a section, and what is unknown', async () => {
    const stale = await scene.run('snapshot');
    expect(stale.stdout).toMatch(/^not fresh: nothing is answered from it; kora snapshot --now$/m);
    const { stdout } = await scene.run('snapshot', '--now');
    expect(stdout).toMatch(/^taken 12 s ago by runtime r1, shape 5$/m);
    expect(stdout).toMatch(/^tickets +8 open: 4 queued$/m);
    expect(stdout).toMatch(/^identity +name marvin, plugin marvin$/m);
    expect(stdout).toMatch(/^alerts is unknown$/m);
    expect(stdout).not.toContain('not fresh');
  });

  it('shows those that are kept', async () => {
    expect((await scene.run('snapshot', '--history')).stdout).toMatch(
      /^ *7 +12 s ago +unknown +unknown +8 open/m,
    );
    expect((await scene.run('snapshot', '--id', '7')).stdout).toContain('8 open: 4 queued');
  });
});
