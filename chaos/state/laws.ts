import assert from 'node:assert/strict';
import type { ChainEvent } from '../../packages/runtime/src/chain/index.ts';
import { readControl } from '../../packages/runtime/src/state/index.ts';
import type { ControlView } from '../../packages/runtime/src/state/index.ts';
import { poolMicroUsd } from './process.ts';
import type { Process } from './process.ts';
import { slots } from './reference.ts';
import type { Reference } from './reference.ts';
import type { House, Town } from './town.ts';

/** Holds the town against the reference after each deed. A law that is broken throws, and says which. */
export class Judge {
  readonly town: Town;
  readonly #model: Reference;
  readonly #log: ChainEvent[] = [];
  readonly #met: Map<string, number>;
  readonly #stopped = new WeakSet<Process>();

  /** `met` counts what the histories came by, so that nobody believes in one that never happened. */
  constructor(town: Town, model: Reference, met: Map<string, number>) {
    this.town = town;
    this.#met = met;
    this.#model = model;
  }

  async after(deed: string): Promise<void> {
    this.#count(deed.replace(/\(.*/, ''));
    for (const [who, { life }] of this.#model.runtimes.entries()) {
      this.#count(life === 'down' ? 'is down' : `is ${this.#model.stateOf(who).primaryState}`);
      if (this.#model.ticketsOf(who, 'limbo').length > 0) this.#count('is owed a lease');
    }
    try {
      const view = await readControl(this.town.ground.database, this.town.workspaceId);
      const news = await this.#read();
      this.#inForce(view);
      this.#claims(news);
      await this.#observed(view);
      this.#states();
      this.#order();
      this.#replay(view);
      if (/^(?:start|spend|nextMonth|resume)/.test(deed)) await this.#spend();
      for (const { process } of this.town.houses)
        assert.deepEqual(process?.errors ?? [], [], 'nothing goes wrong where the store is there');
    } catch (error) {
      if (error instanceof Error) error.message = `after ${deed}: ${error.message}`;
      throw error;
    }
  }

  #count(what: string): void {
    this.#met.set(what, (this.#met.get(what) ?? 0) + 1);
  }

  async #read(): Promise<ChainEvent[]> {
    const after = this.#log.at(-1)?.seq ?? 0;
    const news = await this.town.chain.read({ after, limit: 1_000 });
    this.#log.push(...news);
    return news;
  }

  /** Under a hold or a stop nobody claims, heard of or not; and whoever may claim does. */
  #claims(news: readonly ChainEvent[]): void {
    const model = this.#model;
    for (const { type, runtimeId, ticketId } of news) {
      if (type !== 'sea_ticket.claimed_for_edit') continue;
      this.#count('claims');
      const who = this.town.houses.findIndex(({ home }) => home.runtimeId === runtimeId);
      const ticket = model.tickets.get(ticketId ?? 0);
      assert.ok(
        ticket !== undefined && ticket.at === 'ready',
        `ticket ${ticketId} was claimed, and was not free`,
      );
      assert.ok(
        model.mayClaim(who, ticket.critical),
        `a claim under a hold or a stop: runtime ${who} claimed ticket ${ticketId}`,
      );
      Object.assign(ticket, { at: 'held', by: who });
    }
    for (const [who, { life }] of model.runtimes.entries()) {
      const held = model.ticketsOf(who, 'held').length;
      if (life === 'passed')
        assert.equal(this.town.process(who).inHand.size, held, `work in the hands of ${who}`);
      if (life !== 'passed' || held >= slots) continue;
      const free = [...model.tickets.values()].filter(
        ({ at, critical }) => at === 'ready' && model.mayClaim(who, critical),
      );
      assert.equal(free.length, 0, `runtime ${who} may claim, and does not`);
    }
  }

  /** What the store has in force is what people, owners and time left in force, over restarts too. */
  #inForce({ holds, stopLevel }: ControlView): void {
    assert.deepEqual(
      holds.map(({ cause, owner }) => ({ cause, owner })),
      this.#model.holds.map(({ cause, owner }) => ({ cause, owner })),
      'the holds in force are not those that nobody entitled has cleared',
    );
    assert.equal(stopLevel, this.#model.stopLevel, 'the stop level in force');
  }

  /** Whoever has looked, and everybody looks in time, has seen every stop and says so in its row. */
  async #observed({ commands }: ControlView): Promise<void> {
    if (commands.length === 0) return;
    const rows = await this.town.ground.database.query<{
      key: string;
      isAcknowledged: boolean;
      isEnforced: boolean;
    }>(
      `select sequence || ' ' || runtime_id as key, acknowledged_at is not null as "isAcknowledged",
         enforced_at is not null as "isEnforced"
       from kora.control_acknowledgement where workspace_id = $1`,
      [this.town.workspaceId],
    );
    const known = new Map(rows.map((row) => [row.key, row]));
    for (const [who, { sinceLook, away }] of this.#model.runtimes.entries()) {
      if (!this.#model.isUp(who) || away || sinceLook > 0) continue;
      for (const { sequence, level } of commands) {
        const row = known.get(`${sequence} ${this.town.house(who).home.runtimeId}`);
        assert.ok(
          row?.isAcknowledged,
          `stop ${sequence} of level ${level} was not observed by runtime ${who}`,
        );
        if (level < 3)
          assert.ok(row.isEnforced, `stop ${sequence} of level ${level} has no effect on ${who}`);
      }
    }
  }

  #states(): void {
    for (const [who, { life }] of this.#model.runtimes.entries()) {
      if (life === 'down') continue;
      const process = this.town.process(who);
      const { primaryState, claimPermission, degradationReasons } = process.rooms.holder.state;
      if (this.#stopped.has(process)) assert.equal(primaryState, 'stopped', `runtime ${who} left stopped`);
      if (primaryState === 'stopped') this.#stopped.add(process);
      assert.deepEqual(
        { primaryState, claimPermission, degradationReasons: [...degradationReasons] },
        this.#model.stateOf(who),
        `the state of runtime ${who}`,
      );
    }
  }

  /** Numbers without a gap in one life, rising over lives, and on the chain in that order; only an end cuts them short. */
  #order(): void {
    for (const [who, house] of this.town.houses.entries()) {
      const told = this.#transitionsOf(house).map(({ payload }) => Number(payload['n']));
      let at = 0;
      for (const [life, { numbers }] of house.lives.entries()) {
        const own = numbers();
        const isWhole = life === house.lives.length - 1 && this.#isTold(house);
        for (const n of own) {
          if (told[at] !== n) break;
          at += 1;
        }
        assert.ok(
          own.every((n, index) => index === 0 || n === (own[index - 1] ?? 0) + 1),
          `the numbers of a life of ${who} have gaps: ${own.join()}`,
        );
        if (isWhole)
          assert.deepEqual(told.slice(at), [], `events out of the order of transitions: ${told.join()}`);
        if (isWhole && own.length > 0)
          assert.equal(told.at(-1), own.at(-1), `transitions of ${who} are missing: ${told.join()}`);
      }
      assert.deepEqual(
        told,
        told.toSorted((a, b) => a - b),
        `events out of the order of transitions of ${who}`,
      );
    }
  }

  #transitionsOf({ home }: House): ChainEvent[] {
    return this.#log.filter(
      ({ type, runtimeId }) => type === 'kora.operational_state.transitioned' && runtimeId === home.runtimeId,
    );
  }

  /** Nothing of it waits in the home for the store. */
  #isTold({ process }: House): boolean {
    return process !== undefined && process.rooms.chain.spooled.waiting === 0;
  }

  /** From the events alone: the state of each process, the holds, the stop level. */
  #replay(view: ControlView): void {
    for (const [who, house] of this.town.houses.entries()) {
      if (house.process === undefined || !this.#isTold(house)) continue;
      const last = this.#transitionsOf(house).at(-1)?.payload;
      if ((house.lives.at(-1)?.numbers().length ?? 0) === 0 || last === undefined) continue;
      const { primaryState, claimPermission, degradationReasons } = house.process.rooms.holder.state;
      assert.deepEqual(
        [last['to_primary_state'], last['claim_permission'], last['degradation_reasons']],
        [primaryState, claimPermission, degradationReasons],
        `the log does not rebuild the state of runtime ${who}`,
      );
    }
    const { holds, stopLevel } = replayControl(this.#log, this.town.over);
    assert.deepEqual(
      holds,
      view.holds.map(({ holdId }) => holdId),
      'the log does not rebuild the holds',
    );
    assert.equal(stopLevel, view.stopLevel, 'the log does not rebuild the stop level');
  }

  async #spend(): Promise<void> {
    for (const [who, { away }] of this.#model.runtimes.entries()) {
      if (!this.#model.isUp(who) || away) continue;
      const standing = await this.town.process(who).rooms.spend.read();
      assert.equal(standing?.spentMicroUsd, this.#model.isSpent ? 2 * poolMicroUsd : 0, 'what is spent');
    }
  }
}

function replayControl(
  log: readonly ChainEvent[],
  over: Town['over'],
): { readonly holds: number[]; readonly stopLevel: number } {
  const holds = new Set<number>();
  const stops = new Map<number, number>();
  for (const { type, payload } of log) {
    if (type === 'kora.hold.added') holds.add(Number(payload['hold_id']));
    else if (type === 'kora.hold.cleared') holds.delete(Number(payload['hold_id']));
    else if (type === 'kora.control.issued') stops.set(Number(payload['sequence']), Number(payload['level']));
    else if (type === 'kora.control.superseded') stops.delete(Number(payload['sequence']));
  }
  const levels = [...stops].flatMap(([sequence, level]) => (over.stops.has(sequence) ? [] : [level]));
  return { holds: [...holds].filter((id) => !over.holds.has(id)), stopLevel: Math.max(0, ...levels) };
}
