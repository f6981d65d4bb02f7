import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chain, Vocabulary } from '../../packages/runtime/src/chain/index.ts';
import { systemClock } from '../../packages/runtime/src/clock/index.ts';
import { rememberEpoch } from '../../packages/runtime/src/home/index.ts';
import type { Home } from '../../packages/runtime/src/home/index.ts';
import { Scope } from '../../packages/runtime/src/scope/index.ts';
import { readEpoch } from '../../packages/runtime/src/state/index.ts';
import type { ControlContext } from '../../packages/runtime/src/state/index.ts';
import type { Database } from '../../packages/runtime/src/store/index.ts';
import { ensureWorkspace } from '../../packages/runtime/src/workspace/index.ts';
import { events, Process, words } from './process.ts';
import type { Ground } from './process.ts';
import type { Wrong } from './planted.ts';
import { quiet } from './way.ts';

/** The numbers that one process gave its transitions. */
export interface Life {
  readonly numbers: () => readonly number[];
}

export interface House {
  readonly home: Home;
  process: Process | undefined;
  readonly lives: Life[];
}

/** One workspace with two homes, in a database that many towns share, one after the other. */
export class Town {
  readonly ground: Ground;
  readonly houses: readonly House[];
  /** Whoever acts from outside every runtime, and reads the log. */
  readonly chain: Chain;
  /** Holds and stops whose time the run moved on. */
  readonly over = { holds: new Set<number>(), stops: new Set<number>() };
  readonly epoch: number;
  readonly #folder: string;
  #seconds = 0;

  private constructor(ground: Ground, houses: readonly House[], folder: string, epoch: number) {
    this.ground = ground;
    this.houses = houses;
    this.epoch = epoch;
    this.#folder = folder;
    const { database, workspace } = ground;
    const clock = systemClock();
    const owner = {
      workspaceId: workspace.workspaceId,
      runtimeId: clock.uuid(),
      sessionId: clock.uuid(),
      actorId: 'kora',
    };
    // Not started: it stages, and whoever lives seals.
    this.chain = new Chain({
      database,
      owner,
      vocabulary: words(),
      clock,
      scope: new Scope('town'),
      onError: () => undefined,
    });
  }

  static async open(database: Database, wrong: Wrong): Promise<Town> {
    const clock = systemClock();
    const folder = await mkdtemp(join(tmpdir(), 'kora-model-'));
    const workspace = await database.transaction((tx) => ensureWorkspace(tx, `w${clock.uuid()}`));
    await database.query(`insert into kora.actor (workspace_id, actor_id, kind) values ($1, 'mcp', 'mcp')`, [
      workspace.workspaceId,
    ]);
    const known = await readEpoch(database);
    const houses: House[] = [];
    for (let at = 0; at < 2; at += 1) {
      const directory = await mkdtemp(join(folder, 'home-'));
      await rememberEpoch(directory, known);
      houses.push({ home: { directory, runtimeId: clock.uuid(), token: '' }, process: undefined, lives: [] });
    }
    return new Town({ database, workspace, wrong }, houses, folder, known.epoch);
  }

  /** Once for a database: the words that every chain of every town writes. */
  static async prepare(database: Database): Promise<void> {
    const owner = { workspaceId: 0, runtimeId: '', sessionId: '', actorId: 'kora' };
    const [clock, scope] = [systemClock(), new Scope('words')];
    const vocabulary = new Vocabulary();
    const chain = new Chain({ database, owner, vocabulary, clock, scope, onError: () => undefined });
    await chain.declare('kora', events);
  }

  get workspaceId(): number {
    return this.ground.workspace.workspaceId;
  }

  get context(): ControlContext {
    return { workspaceId: this.workspaceId, stage: (tx, drafts) => this.chain.stage(tx, drafts) };
  }

  house(who: number): House {
    const house = this.houses[who];
    if (house === undefined) throw new RangeError(`there is no house ${who}`);
    return house;
  }

  /** The process of a runtime that has one. */
  process(who: number): Process {
    const { process } = this.house(who);
    if (process === undefined) throw new RangeError(`runtime ${who} is down`);
    return process;
  }

  /** A moment after all that were asked for before. */
  moment(): number {
    this.#seconds += 1;
    return Date.UTC(2026, 0, 1) + this.#seconds * 1_000;
  }

  async start(who: number): Promise<void> {
    const house = this.house(who);
    const process = await Process.begin(this.ground, house.home, this.moment());
    house.process = process;
    const { history } = process.rooms.holder;
    house.lives.push({ numbers: () => history.map(({ n }) => n) });
  }

  /** Whatever waits for its time has waited. */
  async passTime(): Promise<void> {
    await this.ground.database.query(
      `update kora.ticket_ready set eligible_at = clock_timestamp() where workspace_id = $1
         and eligible_at > clock_timestamp()`,
      [this.workspaceId],
    );
  }

  /** Until nothing is under way in any process. */
  quiet(): Promise<void> {
    return quiet(this.houses.flatMap(({ process }) => process?.way ?? []));
  }

  /** Everybody who works looks for tickets, one after the other, and a second passes. */
  async turn(): Promise<void> {
    await this.quiet();
    for (const { process } of this.houses) {
      process?.rooms.worker.kick();
      await this.quiet();
    }
    for (const { process } of this.houses) await process?.second();
    await this.quiet();
    await this.#seal();
  }

  /** A process that was killed may still have the head: the server has not noticed yet. */
  async #seal(): Promise<void> {
    for (;;) {
      const [sealed] = await this.ground.database.query<{ taken: number | null }>(
        'select taken from kora.seal_stage($1, 2000)',
        [this.workspaceId],
      );
      if (typeof sealed?.taken === 'number') return;
      await systemClock().sleep(5);
    }
  }

  async close(): Promise<void> {
    for (const { process } of this.houses) process?.die();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
