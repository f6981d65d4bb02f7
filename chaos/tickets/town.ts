import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { Chain, Vocabulary } from '../../packages/runtime/src/chain/index.ts';
import { systemClock } from '../../packages/runtime/src/clock/index.ts';
import { Scope } from '../../packages/runtime/src/scope/index.ts';
import { migrate, openPool, readMigrations } from '../../packages/runtime/src/store/index.ts';
import type { Database } from '../../packages/runtime/src/store/index.ts';
import { addTickets, ticketEvents } from '../../packages/runtime/src/ticket/index.ts';
import { ensureWorkspace } from '../../packages/runtime/src/workspace/index.ts';
import { until } from '../../e2e/harness/wait.ts';
import { randomFrom } from '../random.ts';
import { newTickets } from './kinds.ts';
import type { TicketOptions } from './kinds.ts';
import type { Told } from './outside.ts';
import type { PlantedBug } from './planted.ts';
import { RunningHand } from './running.ts';
import type { Job } from './running.ts';

export interface TownOptions extends TicketOptions {
  readonly connection: pg.ClientConfig;
  readonly seed: number;
  readonly planted?: PlantedBug;
  /** Shorter leases, for short forms. */
  readonly times?: Job['times'];
  /** Where each runtime's workers find the store, when something stands between. */
  readonly ways?: readonly [pg.ClientConfig, pg.ClientConfig];
}

/** Two homes' runtimes. */
export const runtimes = [
  '01990000-0000-7000-8000-0000000c0de1',
  '01990000-0000-7000-8000-0000000c0de2',
] as const;

const scribe = fileURLToPath(new URL('./scribe.ts', import.meta.url));
/** What was made of the sources is kept for the next run. */
const cache = fileURLToPath(new URL('../../node_modules/.cache/chaos-hands', import.meta.url));
const longestSettleMs = 300_000;
const clock = systemClock();

/** One workspace, its two runtimes, the world outside, and whoever adds tickets: none of these dies with a worker. */
export class Town implements AsyncDisposable {
  readonly database: Database;
  readonly random: () => number;
  /** Tickets whose adding was acknowledged. */
  readonly added: number[] = [];
  readonly chain: Chain;
  readonly workspaceId: number;
  readonly #options: TownOptions;
  readonly #scope: Scope;
  readonly #box: string;
  readonly #log: string;
  readonly #scribe: ChildProcess;
  readonly #world: number;
  readonly #hands: RunningHand[] = [];

  static async open(options: TownOptions): Promise<Town> {
    const box = mkdtempSync(join(tmpdir(), 'kora-chaos-tickets-'));
    const log = join(box, 'outside.log');
    const child = spawn(process.execPath, [scribe, log], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const database = openPool({
      connection: options.connection,
      server: { kind: 'url', description: 'the store of the fault run' },
      clock,
      onIdleError: () => undefined,
    });
    const folder = fileURLToPath(new URL('../../packages/runtime/migrations/', import.meta.url));
    const migrations = await readMigrations(folder);
    await migrate(database, { owner: 'runtime', build: '0.0.0-chaos', migrations });
    const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, 'default'));
    const scope = new Scope('town');
    const chain = new Chain({
      database,
      owner: { workspaceId, runtimeId: clock.uuid(), sessionId: clock.uuid(), actorId: 'kora' },
      vocabulary: new Vocabulary(),
      clock,
      scope,
      onError: () => undefined,
    });
    await chain.declare('kora', ticketEvents);
    return new Town({ options, database, chain, scope, workspaceId, box, log, child, world: Number(port) });
  }

  private constructor(made: {
    readonly options: TownOptions;
    readonly database: Database;
    readonly chain: Chain;
    readonly scope: Scope;
    readonly workspaceId: number;
    readonly box: string;
    readonly log: string;
    readonly child: ChildProcess;
    readonly world: number;
  }) {
    this.#options = made.options;
    this.database = made.database;
    this.chain = made.chain;
    this.workspaceId = made.workspaceId;
    this.#scope = made.scope;
    this.#box = made.box;
    this.#log = made.log;
    this.#scribe = made.child;
    this.#world = made.world;
    this.random = randomFrom(made.options.seed);
  }

  /** A process that stands by for one of the two runtimes. */
  hand(runtime: 0 | 1): RunningHand {
    const { connection, ways, times, planted } = this.#options;
    const job: Job = {
      connection: ways?.[runtime] ?? connection,
      workspaceId: this.workspaceId,
      runtimeId: runtimes[runtime],
      world: this.#world,
      ...(times === undefined ? {} : { times }),
      ...(planted === undefined ? {} : { planted }),
    };
    const hand = new RunningHand(job, cache);
    this.#hands.push(hand);
    void hand.ended.then(() => this.#hands.splice(this.#hands.indexOf(hand), 1));
    return hand;
  }

  async add(count: number): Promise<void> {
    const tickets = newTickets(this.random, count, this.#options);
    const added = await this.database.transaction((tx) => addTickets(tx, this.chain, tickets));
    this.added.push(...added.map(({ ticketId }) => ticketId));
    this.database.notify(`kora_tickets_${this.workspaceId}`, 'town');
  }

  /** What the world outside was told so far. */
  told(): Told[] {
    const lines = readFileSync(this.#log, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Told);
  }

  /** Tickets that lie ready or under a lease, and events that wait to be sealed. */
  async left(): Promise<number> {
    const [row] = await this.database.query<{ left: number }>(
      `select (select count(*) from kora.ticket_ready) + (select count(*) from kora.ticket_lease)
         + (select count(*) from kora.stage) as left`,
    );
    return row?.left ?? 0;
  }

  /**
   * The faults are over: works on until nothing is left. Waits that tickets were told are passed by moving their times.
   * Answers what is left after the limit: a bug may leave something for ever.
   */
  async settle(limitMs: number = longestSettleMs): Promise<number> {
    try {
      await until(
        'everything to be worked and sealed',
        async () => {
          await this.passTime();
          const left = await this.left();
          if (left === 0) return true;
          throw new Error(`${left} rows are left`);
        },
        limitMs,
      );
      return 0;
    } catch {
      return this.left();
    }
  }

  async passTime(): Promise<void> {
    await this.database.query(
      `update kora.ticket_ready set eligible_at = clock_timestamp() where eligible_at > clock_timestamp()`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#hands.map((hand) => hand.kill()));
    this.#scribe.kill('SIGKILL');
    await this.#scope.dispose();
    await this.database.close();
    rmSync(this.#box, { recursive: true, force: true });
  }
}
