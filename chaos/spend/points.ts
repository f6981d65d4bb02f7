import type { StoreConnection } from '../../e2e/harness/store.ts';
import { until } from '../../e2e/harness/wait.ts';

/** Steps of a call that costs, in their order. In the store a step is a statement; the others are the provider's. */
export const points = ['reserve', 'record', 'asked', 'midstream', 'settle', 'end', 'close'] as const;
export type Point = (typeof points)[number];

/** Where the runtime dies: with the statement undone, or with it done and nobody told. */
export interface Fate {
  readonly point: Point;
  readonly when: 'before' | 'after';
}

/** Every death there is: the provider has no before and after. */
export const fates: readonly Fate[] = points.flatMap((point): Fate[] => {
  const after: Fate = { point, when: 'after' };
  return point === 'asked' || point === 'midstream' ? [after] : [{ point, when: 'before' }, after];
});

/** The statement of each step in the store. */
const statements: readonly (readonly [Point, string])[] = [
  ['reserve', `insert on kora.spend_entry for each row when (new.kind = 'reserve')`],
  ['record', 'insert on kora.reason_call for each row'],
  ['settle', `insert on kora.spend_entry for each row when (new.kind = 'settle')`],
  ['end', 'update on kora.reason_call for each row'],
  ['close', `update on kora.reason_run for each row when (old.status = 'open' and new.status <> 'open')`],
];
const lockClass = 7_007;
/** A gate before the statement is done, and one in the midst of its commit, when all that was to be said is said. */
const gatesEach = 2;

/** Puts both gates at each of the statements. They are open until somebody holds one shut. */
export async function placeGates(store: StoreConnection): Promise<void> {
  await store.rows('create schema chaos');
  await store.rows('grant usage on schema chaos to public');
  await store.rows(
    `create function chaos.pass() returns trigger language plpgsql as $$
     begin perform pg_advisory_xact_lock_shared(${lockClass}, tg_argv[0]::int); return new; end $$`,
  );
  for (const [n, [point, statement]] of statements.entries()) {
    const [what = '', rest = ''] = statement.split(' for each row');
    const pass = (number: number): string => `for each row${rest} execute function chaos.pass(${number})`;
    await store.rows(`create trigger chaos_before_${point} before ${what} ${pass(n * gatesEach)}`);
    await store.rows(
      `create constraint trigger chaos_after_${point} after ${what} deferrable initially deferred
       ${pass(n * gatesEach + 1)}`,
    );
  }
}

/** Holds the gate of a point shut until it is let go. */
export class Gate {
  readonly #store: StoreConnection;
  readonly #number: number;

  private constructor(store: StoreConnection, number: number) {
    this.#store = store;
    this.#number = number;
  }

  static async shut(store: StoreConnection, { point, when }: Fate): Promise<Gate> {
    const at = statements.findIndex(([each]) => each === point);
    if (at < 0) throw new RangeError(`${point} is no step of the store`);
    const number = at * gatesEach + (when === 'before' ? 0 : 1);
    await store.rows('select pg_advisory_lock($1, $2)', [lockClass, number]);
    return new Gate(store, number);
  }

  /** Waits until a statement stands before it. */
  async met(): Promise<void> {
    await until(`a statement before gate ${this.#number}`, async () => (await this.#waiting()).length > 0);
  }

  /** Undoes the statements that stand before it, and those behind them: their runtime is dead, and they were never said. */
  async undo(): Promise<void> {
    await until('the sessions of the dead to be gone', async () => {
      const ended = await this.#store.rows(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where wait_event_type = 'Lock' and pid <> pg_backend_pid()`,
      );
      return ended.length === 0;
    });
    await this.open();
  }

  /** Lets them go on; what they do is done, whoever hears of it. Resolves when it is. */
  async open(): Promise<void> {
    const waited = await this.#waiting();
    await this.#store.rows('select pg_advisory_unlock($1, $2)', [lockClass, this.#number]);
    await until('the statements to have ended', async () => {
      const [row] = await this.#store.rows<{ n: number }>(
        `select count(*)::int as n from pg_stat_activity where pid = any($1::int[]) and state = 'active'`,
        [waited],
      );
      return row?.n === 0;
    });
  }

  async #waiting(): Promise<number[]> {
    const rows = await this.#store.rows<{ pid: number }>(
      `select pid from pg_locks where locktype = 'advisory' and classid = $1 and objid = $2 and not granted`,
      [lockClass, this.#number],
    );
    return rows.map(({ pid }) => pid);
  }
}
