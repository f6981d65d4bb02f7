import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedPostgres } from '../../packages/postgres/src/contract.ts';
import { openWith } from '../../packages/postgres/src/open.ts';
import { verifyStore } from './facts.ts';
import type { AppendFacts } from './judge.ts';
import { prepareStore } from './prepare.ts';
import { randomFrom } from '../random.ts';
import { RunningAppender } from './running.ts';
import type { Planted } from './running.ts';
import type { StoreName } from './stores.ts';

export const stores = ['embedded', 'postgres-15', 'pglite'] as const;
export type StoreKind = (typeof stores)[number];

export interface AppendStormOptions {
  readonly store: StoreKind;
  readonly kills: number;
  readonly seed: number;
  /** Every so many kills it is the server that dies, where there is one beside the runtime; every fifth by default. */
  readonly serverDiesEach?: number;
  /** A bug that the judge must find. */
  readonly planted?: Planted;
  readonly onKill?: (line: string) => void;
}

/**
 * Kills a runtime's chain again and again under mixed load, and now and then the database server itself; lets the last
 * one finish, and gathers what is left. Acknowledgements go to a file as they are heard.
 */
export async function appendStorm(options: AppendStormOptions): Promise<AppendFacts> {
  const home = mkdtempSync(join(tmpdir(), 'kora-chaos-append-'));
  const log = join(home, 'acknowledged.log');
  const server = await serverOf(options.store, home);
  const name: StoreName =
    server === undefined
      ? { kind: 'pglite', home }
      : { kind: 'server', connection: { ...server.connection } };
  const { serverDiesEach = 5 } = options;
  try {
    await prepareStore(name);
    const random = randomFrom(options.seed);
    for (let kill = 1; kill <= options.kills; kill += 1) {
      const strikesServer = server !== undefined && kill % serverDiesEach === 0;
      const heard = await runUntilKilled({ name, round: kill, log, random, ...options }, () => {
        if (strikesServer && server.pid > 0) process.kill(server.pid, 'SIGKILL');
      });
      options.onKill?.(
        `${kill}/${options.kills}  ${strikesServer ? 'server and runtime' : 'runtime'}; ${heard} events acknowledged`,
      );
    }
    return await verifyStore(name, readFileSync(log, 'utf8').split('\n').filter(Boolean));
  } finally {
    const outside = placeOutside(home);
    await server?.stop();
    if (outside !== undefined) rmSync(outside, { recursive: true, force: true });
    rmSync(home, { recursive: true, force: true });
  }
}

/** The server beside the runtime; a PGlite lives and dies within it. */
function serverOf(store: StoreKind, home: string): Promise<EmbeddedPostgres> | undefined {
  if (store === 'pglite') return undefined;
  return openWith({ home }, { graceMs: 30_000, ...(store === 'postgres-15' ? { firstMajor: 15 } : {}) });
}

interface Run {
  readonly name: StoreName;
  readonly round: number;
  readonly log: string;
  readonly random: () => number;
  readonly planted?: Planted;
}

/** Answers how many acknowledgements were heard. */
async function runUntilKilled(
  { name, round, log, random, planted: bug }: Run,
  strike: () => void,
): Promise<number> {
  const running = await RunningAppender.start({
    name,
    round,
    log,
    ...(bug === undefined ? {} : { planted: bug }),
  });
  await sleep(50 + random() * 500);
  strike();
  if (random() < 0.5) await sleep(random() * 300);
  await running.kill();
  return running.heard;
}

/** Where a server that was started as root keeps its data. */
export function placeOutside(home: string): string | undefined {
  try {
    return (
      JSON.parse(readFileSync(join(home, 'postgres', 'place.json'), 'utf8')) as { readonly path: string }
    ).path;
  } catch {
    return undefined; // the data lies in the home itself
  }
}
