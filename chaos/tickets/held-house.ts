import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { House } from '../../e2e/harness/house.ts';
import { connectToStore } from '../../e2e/harness/store.ts';
import { until } from '../../e2e/harness/wait.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const lookEveryS = 60;
/** A connection that rests tells the server its counts within ten seconds. */
const countsSettleMs = 12_000;

/** What the server counted between two looks. */
export interface Counts {
  readonly seconds: number;
  readonly transactions: number;
  /** Calls of the function that chooses tickets: each claim is one, also one that finds nothing. */
  readonly asked: number;
  readonly claimed: number;
}

/** A real house whose plugin has a handler for the tickets that will wait. */
export class HeldHouse {
  readonly #house: House;

  constructor(house: House) {
    this.#house = house;
  }

  async raise(): Promise<void> {
    const house = this.#house;
    const modules = join(house.box, 'node_modules');
    mkdirSync(join(modules, '@kora'), { recursive: true });
    symlinkSync(join(root, 'packages', 'runtime'), join(modules, '@kora', 'runtime'));
    cpSync(join(root, 'chaos', 'errands'), join(modules, 'kora-plugin-errands'), { recursive: true });
    house.file('package.json', { private: true, dependencies: { 'kora-plugin-errands': '1.0.0' } });
    house.file('kora.json', { plugins: { trusted: ['errands'] } });
    await house.up();
    await using store = await connectToStore(house.home);
    await store.rows(`alter system set track_functions = 'pl'`);
    await store.rows('select pg_reload_conf()');
    // It does work: what is held afterwards is held by the stop.
    await house.api().tickets.add({ kind: 'errand', title: 'the first', payload: { name: 'first' } });
    await until('a ticket to be worked', async () => (await this.#count()).claimed > 0);
  }

  async stopClaims(): Promise<void> {
    await this.#house.api().stop(1, 'a fault run holds it');
    await sleep(countsSettleMs);
  }

  async add(count: number): Promise<void> {
    const tickets = Array.from({ length: count }, (_, n) => ({
      kind: 'errand',
      title: `errand ${n}`,
      payload: { name: `errand ${n}` },
    }));
    await this.#house.api().tickets.addMany(tickets);
    await until(
      'their events to be sealed',
      async () => (await this.#number('select count(*) from kora.stage')) === 0,
    );
    await sleep(countsSettleMs);
  }

  async watch(seconds: number, look: (counts: Counts) => void): Promise<Counts> {
    const first = await this.#count();
    for (let left = seconds; left > 0; left -= lookEveryS) {
      await sleep(Math.min(left, lookEveryS) * 1_000);
      look(since(first, await this.#count()));
    }
    return since(first, await this.#count());
  }

  /** Tickets that lie ready. */
  waiting(): Promise<number> {
    return this.#number('select count(*) from kora.ticket_ready');
  }

  /** Takes the stop away; answers whether tickets are claimed then. */
  async letGo(): Promise<boolean> {
    const before = await this.#count();
    await this.#house.api().resume('the fault run is over');
    return until('tickets to be claimed', async () => since(before, await this.#count()).claimed > 0);
  }

  async #number(sql: string): Promise<number> {
    await using store = await connectToStore(this.#house.home);
    const [row] = await store.rows<{ count: string }>(sql);
    return Number(row?.count);
  }

  async #count(): Promise<Counts> {
    await using store = await connectToStore(this.#house.home);
    const [row] = await store.rows<Record<'at' | 'transactions' | 'asked' | 'claimed', string>>(
      `select extract(epoch from clock_timestamp()) as at, xact_commit + xact_rollback as transactions,
         coalesce((select calls from pg_stat_user_functions where funcname = 'pick_ready'), 0) as asked,
         (select count(*) from kora.ticket_outcome) + (select count(*) from kora.ticket_lease) as claimed
       from pg_stat_database where datname = current_database()`,
    );
    return {
      seconds: Number(row?.at),
      transactions: Number(row?.transactions),
      asked: Number(row?.asked),
      claimed: Number(row?.claimed),
    };
  }
}

function since(first: Counts, now: Counts): Counts {
  return {
    seconds: now.seconds - first.seconds,
    transactions: now.transactions - first.transactions,
    asked: now.asked - first.asked,
    claimed: now.claimed - first.claimed,
  };
}
