import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { built, cases } from './cases/index.ts';
import { Evidence } from './evidence.ts';
import { models } from './models.ts';
import type { ModelName } from './models.ts';
import { scoreRun } from './score.ts';
import type { Run, Score } from './score.ts';
import type { Answered, AskedOutside, Orders, Said, Told } from './subject/speech.ts';
import { workAll } from './subject/work.ts';
import type { Truth } from './truth.ts';
import { writeWorld } from './world.ts';
import type { WholeWorld } from './world.ts';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));

export interface HarnessOptions {
  /** Whose conclusions are tried: `rules`, `plain`, or one of those that are planted. */
  readonly rung: string;
  /** Asked where rules abstain. Default none. */
  readonly model?: ModelName;
  /** Default one, 1. */
  readonly seeds?: readonly number[];
  /** Ids of cases; default all. */
  readonly only?: readonly string[];
  /**
   * `apart`, the default: in a process that may not read what is true. `here` is quicker, for bad rules that are written to
   * be caught.
   */
  readonly where?: 'apart' | 'here';
}

/** A case as it was worked and judged. */
export interface Worked {
  readonly truth: Truth;
  readonly seed: number;
  readonly alone: { readonly run: Run; readonly score: Score };
  /** With a model behind the rules; the same as alone where none was asked. */
  readonly together: { readonly run: Run; readonly score: Score };
}

export interface Result {
  readonly rung: string;
  readonly model: ModelName | null;
  readonly worked: readonly Worked[];
  /** Why nothing of this may be published; empty where all is in order. */
  readonly trouble: readonly string[];
}

interface Laid {
  readonly id: string;
  readonly folder: string;
  readonly seed: number;
  readonly truth: Truth;
  readonly world: WholeWorld;
}

/** Builds the cases, has them worked in a process that cannot read what is true, and scores what comes back. */
export async function investigate(options: HarnessOptions): Promise<Result> {
  const box = mkdtempSync(join(tmpdir(), 'kora-investigations-'));
  try {
    const laid = lay(box, options);
    const told = laid.length === 0 ? [] : await work(box, laid, options);
    return judged(options, laid, told);
  } finally {
    rmSync(box, { recursive: true, force: true });
  }
}

/** Snapshots in one folder, truths in another. */
function lay(box: string, { seeds = [1], only }: HarnessOptions): Laid[] {
  mkdirSync(join(box, 'truth'));
  const wanted = cases.filter(({ id }) => only === undefined || only.includes(id));
  return seeds.flatMap((seed) =>
    wanted.map((each) => {
      const { world, truth } = built(each, seed);
      const id = seeds.length === 1 ? each.id : `${each.id}-${seed}`;
      const folder = join(box, 'snapshots', id);
      writeWorld(folder, world);
      writeFileSync(join(box, 'truth', `${id}.json`), JSON.stringify(truth));
      return { id, folder, seed, truth, world };
    }),
  );
}

/** What the process may read: sources, what they import, and the snapshots. Cases and truths are not among it. */
function readable(box: string): string[] {
  const own = ['subject/', 'planted/', 'world.ts'].map((name) => join(here, name));
  const sources = ['packages/', 'node_modules/', 'package.json', 'e2e/package.json'].map((name) =>
    join(root, name),
  );
  return [...own, ...sources, join(box, 'snapshots/')];
}

function work(box: string, laid: readonly Laid[], options: HarnessOptions): Promise<Told[]> {
  const { rung, model, where = 'apart' } = options;
  const worlds = laid.map(({ id, folder }) => ({ id, folder }));
  const orders: Orders = { rung, thinks: model !== undefined, worlds };
  const said = (question: AskedOutside): Said => saidBy(model ?? 'reader', question, laid);
  return where === 'here' ? workHere(orders, said) : workApart(box, orders, said);
}

async function workHere(orders: Orders, said: (question: AskedOutside) => Said): Promise<Told[]> {
  const told: Told[] = [];
  await workAll(orders, {
    tell: (each) => void told.push(each),
    ask: (question) => Promise.resolve(said(question)),
  });
  return told;
}

async function workApart(
  box: string,
  orders: Orders,
  said: (question: AskedOutside) => Said,
): Promise<Told[]> {
  const child = fork(join(here, 'subject', 'investigate.ts'), [], {
    cwd: box,
    env: {},
    execArgv: [
      '--permission',
      ...readable(box).map((path) => `--allow-fs-read=${path}`),
      '--conditions=@kora/source',
    ],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const told: Told[] = [];
  child.on('message', (message) => {
    const heard = message as Told;
    if (heard.kind === 'ask') child.send({ ...said(heard), number: heard.number } satisfies Answered);
    else told.push(heard);
  });
  child.send(orders);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0)
    told.push({ kind: 'broke', id: 'all', error: `it ended with ${code ?? 'a signal'}: ${stderr.trim()}` });
  return told;
}

function saidBy(model: ModelName, question: AskedOutside, laid: readonly Laid[]): Said {
  const asking = laid.find(({ id }) => id === question.id);
  if (asking === undefined) throw new Error(`a question about ${question.id}, which is no case`);
  return models[model](question, asking);
}

function judged({ rung, model }: HarnessOptions, laid: readonly Laid[], told: readonly Told[]): Result {
  const trouble = told.flatMap((each) => (each.kind === 'broke' ? [`${each.id} broke: ${each.error}`] : []));
  const worked: Worked[] = [];
  for (const { id, seed, truth, world } of laid) {
    const ran = told.find((each) => each.kind === 'ran' && each.alone.id === id);
    if (ran?.kind !== 'ran') {
      trouble.push(`${id} was not run`);
      continue;
    }
    if (ran.alone.read.length === 0) trouble.push(`${id} was run without a look at anything`);
    const evidence = new Evidence(world);
    const scored = (run: Run): { run: Run; score: Score } => ({ run, score: scoreRun(run, truth, evidence) });
    worked.push({ truth, seed, alone: scored(ran.alone), together: scored(ran.together) });
  }
  if (worked.length === 0) trouble.push('there are no runs');
  return { rung, model: model ?? null, worked, trouble };
}
