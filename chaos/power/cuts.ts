import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openWith } from '../../packages/postgres/src/open.ts';
import { verifyStore } from '../append/facts.ts';
import type { AppendFacts } from '../append/judge.ts';
import { prepareStore } from '../append/prepare.ts';
import { RunningAppender } from '../append/running.ts';
import { randomFrom } from '../random.ts';
import { run } from '../../bench/server/server.ts';
import { forgetfulDisk } from './disk.ts';

export interface PowerCutOptions {
  readonly store: 'embedded' | 'pglite';
  readonly cuts: number;
  readonly seed: number;
  /** The planted bug: a store that does not flush, which the judge must find. */
  readonly unflushed: boolean;
  readonly onCut?: (line: string) => void;
}

/**
 * Lets a store work on a disk that forgets what was not flushed, cuts the power at a moment drawn from the seed, starts
 * it again on what is left, and so on; gathers what is there in the end. Only what was acknowledged before a cut counts.
 */
export async function powerCuts(options: PowerCutOptions): Promise<AppendFacts> {
  const home = mkdtempSync(join(tmpdir(), 'kora-chaos-power-'));
  const log = join(home, 'acknowledged.log');
  const random = randomFrom(options.seed);
  const cutOnce = options.store === 'embedded' ? cutEmbedded : cutPglite;
  try {
    await atRest(options.store, home);
    for (let cut = 1; cut <= options.cuts; cut += 1) {
      const heard = await cutOnce({ home, log, round: cut, ms: 300 + random() * 1_500, ...options });
      options.onCut?.(`${cut}/${options.cuts}  ${heard} events acknowledged before the power went`);
    }
    return await left(options.store, home, readFileSync(log, 'utf8').split('\n').filter(Boolean));
  } finally {
    const outside = placeOutside(home);
    if (outside !== undefined) rmSync(outside, { recursive: true, force: true });
    rmSync(home, { recursive: true, force: true });
  }
}

interface Cut {
  readonly home: string;
  readonly log: string;
  readonly round: number;
  readonly ms: number;
  readonly unflushed: boolean;
}

async function cutEmbedded({ home, log, round, ms, unflushed }: Cut): Promise<number> {
  const disk = forgetfulDisk(dataDirectoryIn(placeOutside(home) ?? join(home, 'postgres')));
  const server = await openWith({ home }, { graceMs: 30_000, serverEnv: disk.env });
  const connection = { ...server.connection };
  if (unflushed)
    await run(connection, 'alter system set fsync = off').then(() =>
      run(connection, 'select pg_reload_conf()'),
    );
  const running = await RunningAppender.start({ name: { kind: 'server', connection }, round, log });
  await sleep(ms);
  running.stopCounting();
  disk.cut();
  await running.kill();
  await server.stop();
  disk.restore();
  return running.heard;
}

async function cutPglite({ home, log, round, ms, unflushed }: Cut): Promise<number> {
  const disk = forgetfulDisk(dataDirectoryIn(join(home, 'pglite')));
  const env = unflushed ? { ...disk.env, FORGETFUL_FROM: join(home, 'nowhere') } : disk.env;
  const running = await RunningAppender.start({ name: { kind: 'pglite', home }, round, log, env });
  await sleep(ms);
  running.stopCounting();
  disk.cut();
  await running.kill();
  disk.restore();
  return running.heard;
}

/** A home whose store was made, prepared and stopped in order. */
async function atRest(store: PowerCutOptions['store'], home: string): Promise<void> {
  if (store === 'pglite') return prepareStore({ kind: 'pglite', home });
  const server = await openWith({ home });
  await prepareStore({ kind: 'server', connection: { ...server.connection } });
  await server.stop();
}

async function left(
  store: PowerCutOptions['store'],
  home: string,
  acknowledged: readonly string[],
): Promise<AppendFacts> {
  if (store === 'pglite') return verifyStore({ kind: 'pglite', home }, acknowledged);
  const server = await openWith({ home });
  try {
    return await verifyStore({ kind: 'server', connection: { ...server.connection } }, acknowledged);
  } finally {
    await server.stop();
  }
}

/** Of the folders below, the one that holds a whole cluster. */
function dataDirectoryIn(folder: string): string {
  const names = readdirSync(folder, { recursive: true }) as string[];
  const [found] = names
    .filter((name) => name.endsWith('global/pg_control') && !name.includes('.kept'))
    .toSorted((a, b) => a.length - b.length);
  if (found === undefined) throw new Error(`no data directory in ${folder}`);
  return join(folder, dirname(dirname(found)));
}

/** Started as root, the server keeps its data outside the home, which says where. */
function placeOutside(home: string): string | undefined {
  try {
    const pointer = JSON.parse(readFileSync(join(home, 'postgres', 'place.json'), 'utf8')) as {
      readonly path: string;
    };
    return pointer.path;
  } catch {
    return undefined; // the data lies in the home itself
  }
}
