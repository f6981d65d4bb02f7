import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from './main.ts';
import type { Questions } from './questions.ts';
import { CreateRefusal } from './refusal.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'kora-create-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

interface Said {
  readonly code: number;
  readonly out: string;
  readonly complaints: string;
  /** What was installed: the package manager and the folder. */
  readonly installed: readonly string[];
}

async function typed(args: string, { questions }: { questions?: Questions } = {}): Promise<Said> {
  const said = { out: '', complaints: '', installed: [] as string[] };
  const code = await main(args === '' ? [] : args.split(' '), {
    cwd,
    env: { npm_config_user_agent: 'pnpm/12.21.0 npm/? node/v24.21.0 linux x64' },
    questions,
    say: (line) => (said.out += `${line}\n`),
    complain: (line) => (said.complaints += `${line}\n`),
    install: ({ manager, folder }) => {
      said.installed.push(`${manager} ${folder}`);
      return Promise.resolve();
    },
  });
  return { code, ...said };
}

/** Answers in order of the questions; a question that is not expected fails. */
function answers(given: Partial<{ kind: 'host' | 'plugin'; folder: string; id: string; install: boolean }>) {
  const asked: string[] = [];
  const answer = <T>(name: keyof typeof given, value: T | undefined): Promise<T> => {
    asked.push(name);
    if (value === undefined) throw new CreateRefusal('CREATE_KORA_CANCELLED', `left at ${name}`);
    return Promise.resolve(value);
  };
  const questions: Questions = {
    kind: () => answer('kind', given.kind),
    folder: () => answer('folder', given.folder),
    id: () => answer('id', given.id),
    install: () => answer('install', given.install),
  };
  return { questions, asked };
}

function read(path: string): string {
  return readFileSync(join(cwd, path), 'utf8');
}

describe('with nobody to ask', () => {
  it('an empty folder becomes a host project, installed by who started it', async () => {
    const said = await typed('');
    expect(said.code, said.complaints).toBe(0);
    expect(said.installed).toEqual([`pnpm ${cwd}`]);
    expect(readdirSync(cwd)).toContain('kora.json');
    expect(said.out).toContain('pnpm start');
  });

  it('a folder that holds something gets a new one beside it', async () => {
    writeFileSync(join(cwd, 'notes.txt'), 'mine');
    expect((await typed('--plugin --yes --no-install')).code).toBe(0);
    expect(readdirSync(cwd).sort()).toEqual(['kora-plugin-my-plugin', 'notes.txt']);
    expect(JSON.parse(read('kora-plugin-my-plugin/package.json'))).toMatchObject({
      name: 'kora-plugin-my-plugin',
      kora: { id: 'my-plugin' },
    });
  });

  it('says which lines to type next', async () => {
    const { out, installed } = await typed('tides --plugin --no-install --manager npm');
    expect(installed).toEqual([]);
    expect(out).toMatch(/ {2}cd tides\n {2}npm install\n {2}npm test .*\n {2}npm start /);
  });

  it('puts the id into names, texts and event types', async () => {
    expect((await typed('weather --plugin --id north-sea --no-install')).code).toBe(0);
    expect(JSON.parse(read('weather/package.json'))).toMatchObject({
      name: 'kora-plugin-north-sea',
      kora: { id: 'north-sea', contributes: { tasks: ['north-sea.count'], events: ['north_sea.counted'] } },
    });
    expect(read('weather/src/index.ts')).toContain("id: 'north-sea'");
    expect(read('weather/.gitignore')).toContain('node_modules/');
  });

  it('--help and --version touch nothing', async () => {
    expect((await typed('--help')).out).toContain('--plugin');
    expect((await typed('--version')).out).toMatch(/^\d+\.\d+\.\d+/);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe('never overwrites', () => {
  it('refuses a folder that holds anything, by name, before the first file', async () => {
    mkdirSync(join(cwd, 'ops'));
    writeFileSync(join(cwd, 'ops', 'kora.json'), 'mine');
    const said = await typed('ops --yes');
    expect(said).toMatchObject({ code: 73, installed: [] });
    expect(said.complaints).toMatch(
      /not empty: kora\.json \(CREATE_KORA_FOLDER_HOLDS_FILES\)\n {2}npm create kora/,
    );
    expect(readdirSync(join(cwd, 'ops'))).toEqual(['kora.json']);
    expect(read('ops/kora.json')).toBe('mine');
  });

  it('a repository that was just made is empty enough', async () => {
    mkdirSync(join(cwd, '.git'));
    expect((await typed('. --no-install')).code).toBe(0);
    expect(readdirSync(cwd)).toContain('package.json');
  });

  it('a file in the place of the folder is told, not replaced', async () => {
    writeFileSync(join(cwd, 'ops'), 'mine');
    const said = await typed('ops --yes');
    expect(said.code).toBe(73);
    expect(said.complaints).toContain('CREATE_KORA_FOLDER_UNWRITABLE');
    expect(read('ops')).toBe('mine');
  });
});

describe('at a terminal', () => {
  it('asks what was not typed, in order', async () => {
    const { questions, asked } = answers({ kind: 'plugin', folder: 'sea', id: 'tides', install: false });
    const said = await typed('', { questions });
    expect(said, said.complaints).toMatchObject({ code: 0, installed: [] });
    expect(asked).toEqual(['kind', 'folder', 'id', 'install']);
    expect(JSON.parse(read('sea/package.json'))).toMatchObject({ kora: { id: 'tides' } });
  });

  it('asks nothing that was typed, and nothing at all after --yes', async () => {
    const one = answers({ install: true });
    await typed('a --plugin --id tides', { questions: one.questions });
    expect(one.asked).toEqual(['install']);
    const none = answers({});
    expect((await typed('b --yes', { questions: none.questions })).code).toBe(0);
    expect(none.asked).toEqual([]);
  });

  it.each(['kind', 'folder', 'install'] as const)('leaving at %s writes nothing', async (last) => {
    const given = { kind: 'host', folder: 'ops', install: true } as const;
    const { [last]: _left, ...rest } = given;
    const said = await typed('', { questions: answers(rest).questions });
    expect(said.code).toBe(130);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

it.each([
  ['one two', 64, 'CREATE_KORA_USAGE'],
  ['--colour', 64, 'CREATE_KORA_USAGE'],
  ['--manager bun', 64, 'CREATE_KORA_USAGE'],
  ['x --plugin --id Tides', 64, 'CREATE_KORA_NAME'],
  ['ticket --plugin', 64, 'CREATE_KORA_NAME'],
])('%s is refused with %i', async (args, code, name) => {
  const said = await typed(args);
  expect(said.code).toBe(code);
  expect(said.complaints).toContain(name);
  expect(readdirSync(cwd)).toEqual([]);
});

it('a failed install says that the files are there and what to type', async () => {
  const failing = main(['ops', '--yes'], {
    cwd,
    env: {},
    questions: undefined,
    say: () => undefined,
    complain: () => undefined,
    install: () => Promise.reject(new CreateRefusal('CREATE_KORA_INSTALL_FAILED', 'no network')),
  });
  expect(await failing).toBe(1);
  expect(readdirSync(join(cwd, 'ops'))).toContain('package.json');
});
