import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Database } from '../../packages/runtime/src/store/index.ts';
import type { StoreName } from '../append/stores.ts';
import type { PlantedBug } from './planted.ts';

export interface SenderStorm {
  readonly store: StoreName;
  readonly database: Database;
  readonly url: string;
  readonly runtimes: number;
  /** How long a sender lives about, seconds. */
  readonly everySeconds: number;
  readonly random: () => number;
  readonly planted?: PlantedBug;
  readonly onKill: (kills: number, left: number) => void;
}

/** So many lives without one message less, and it is stuck. */
const livesWithoutProgress = 30;

/** Kills each sender again and again until nothing is left to send, or nothing moves; answers how often. */
export async function killSenders(storm: SenderStorm): Promise<number> {
  const { database, runtimes, random, everySeconds, onKill } = storm;
  const state = { kills: 0, left: Number.POSITIVE_INFINITY, idle: 0 };
  const lives = async (): Promise<void> => {
    while (state.left > 0 && state.idle < livesWithoutProgress) {
      await oneLife(storm, (0.5 + random()) * everySeconds * 1_000);
      state.kills += 1;
      // Time passes for those that wait for another try.
      await database.query(
        'update kora.outbox set due_at = clock_timestamp() where due_at > clock_timestamp()',
      );
      const [row] = await database.query<{ left: number }>(
        'select count(*)::int as left from kora.outbox where channel = $1',
        ['provider'],
      );
      const left = row?.left ?? 0;
      state.idle = left < state.left ? 0 : state.idle + 1;
      state.left = left;
      onKill(state.kills, left);
    }
  };
  await Promise.all(Array.from({ length: runtimes }, lives));
  return state.kills;
}

async function oneLife({ store, url, planted }: SenderStorm, ms: number): Promise<void> {
  const program = fileURLToPath(new URL('./sender.ts', import.meta.url));
  const flags = ['--conditions=@kora/source', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, program, JSON.stringify(store), url, planted ?? ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  // Its life begins when it can send.
  await Promise.race([once(child.stdout, 'data'), ended]);
  await sleep(ms);
  child.kill('SIGKILL');
  await ended;
}
