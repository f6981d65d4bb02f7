import fc from 'fast-check';
import {
  issueStop,
  liftHolds,
  openHolds,
  placeHold,
  raiseEpoch,
} from '../../packages/runtime/src/state/index.ts';
import type { NewHold, StopLevel } from '../../packages/runtime/src/state/index.ts';
import { addTicket } from '../../packages/runtime/src/ticket/index.ts';
import { endKilled, isThere, whoever } from './deed.ts';
import type { Deed } from './deed.ts';
import type { Reference } from './reference.ts';
import type { Town } from './town.ts';

const operator = { actorId: 'operator', kind: 'operator' } as const;
const mcp = { actorId: 'mcp', kind: 'mcp' } as const;
const hourMs = 3_600_000;

function place(town: Town, hold: NewHold): Promise<unknown> {
  return town.ground.database.transaction((tx) => placeHold(tx, town.context, hold));
}

async function holdAt(town: Town, at: number): Promise<number> {
  const holds = await openHolds(town.ground.database, town.workspaceId);
  return holds[at]?.holdId ?? 0;
}

function resumed(m: Reference, who: number): void {
  m.holds = m.holds.filter(({ cause }) => cause !== 'operator');
  m.reset();
  m.at(who).sentinel = undefined;
  m.look(who);
}

/** One hold, by its name: the operator's word on whatever it is about. */
function freed(m: Reference, who: number, at: number): void {
  const [hold] = m.holds.splice(at, 1);
  if (hold?.cause === 'dr') {
    m.accepted.add(m.epoch);
    m.at(who).knownEpoch = m.epoch;
  }
  m.look(who);
}

export const resume: fc.Arbitrary<Deed> = whoever.map((who) => ({
  name: `resume(${who})`,
  may: (m) => isThere(m, who),
  real: (town) => town.process(who).rooms.answers.resume({ reason: 'all §9.2 gates pass' }),
  model: (m) => resumed(m, who),
}));

export const resumeHold: fc.Arbitrary<Deed> = fc.tuple(whoever, fc.nat(5)).map(([who, pick]) => {
  const at = (m: Readonly<Reference>): number => pick % m.holds.length;
  return {
    name: `resumeHold(${who}, ${pick})`,
    may: (m) => isThere(m, who) && m.holds.length > 0,
    real: async (town, m) =>
      town.process(who).rooms.answers.resume({ reason: 'that one', holdId: await holdAt(town, at(m)) }),
    model: (m) => freed(m, who, at(m)),
  };
});

/** Everything that the operator can free, so that work comes up again. */
export const resumeAll: fc.Arbitrary<Deed> = whoever.map((who) => ({
  name: `resumeAll(${who})`,
  may: (m) => isThere(m, who),
  real: async (town) => {
    const { answers } = town.process(who).rooms;
    await answers.resume({ reason: 'go on' });
    for (const { holdId } of await openHolds(town.ground.database, town.workspaceId))
      await answers.resume({ reason: 'go on', holdId });
  },
  model: (m) => {
    resumed(m, who);
    while (m.holds.length > 0) freed(m, who, 0);
  },
}));

/** Through the API of one runtime, which looks before it answers. */
export const operators: fc.Arbitrary<Deed>[] = [
  fc.tuple(whoever, fc.boolean()).map(([who, ends]) => ({
    name: `pause(${who}${ends ? ', for an hour' : ''})`,
    may: (m) => isThere(m, who),
    real: (town) =>
      town.process(who).rooms.answers.pause({ reason: 'cost 100%', ...(ends ? { forMs: hourMs } : {}) }),
    model: (m) => {
      m.place('operator', 'operator', ends);
      m.look(who);
    },
  })),
  resume,
  resumeHold,
  fc.tuple(whoever, fc.constantFrom<StopLevel[]>(1, 2, 3, 4, 5), fc.boolean()).map(([who, level, ends]) => ({
    name: `stop(${who}, L${level}${ends ? ', for an hour' : ''})`,
    may: (m) => isThere(m, who),
    real: async (town) => {
      const { issued, rooms } = town.process(who);
      const wish = { level, reason: 'it runs wild', ...(ends ? { forMs: hourMs } : {}) };
      const { commandId } = await rooms.answers.stop(wish);
      issued.add(commandId);
      await rooms.controller.look();
      await endKilled(town, who);
    },
    model: (m) => {
      m.issue(level, 'api', ends);
      m.look(who);
    },
  })),
];

export const newTicket: fc.Arbitrary<Deed> = fc.boolean().map((critical) => ({
  name: `addTicket(${critical ? 'critical' : ''})`,
  real: async (town) => {
    const ticket = { kind: 'work', title: 'work', critical };
    const { database } = town.ground;
    const added = await database.transaction((tx) => addTicket(tx, town.chain, ticket));
    return added.ticketId;
  },
  model: (m, made) => void m.tickets.set(Number(made), { critical, at: 'ready', by: -1 }),
}));

/** Without any runtime: by MCP, by the operator's own hand in the database, by time. */
export const outsiders: fc.Arbitrary<Deed>[] = [
  fc.constantFrom<StopLevel[]>(0, 1, 2, 3, 4).map((level) => ({
    name: `stopFromOutside(L${level})`,
    real: (town) => {
      const issuer = level === 1 || level === 2 ? mcp : operator;
      const wish = { level, reason: 'from outside', issuer, via: 'api' } as const;
      return town.ground.database.transaction((tx) => issueStop(tx, town.context, wish));
    },
    model: (m) => {
      if (level === 0) m.reset();
      else m.issue(level);
    },
  })),
  fc.constant({
    name: 'pauseByMcp',
    real: (town: Town) => place(town, { cause: 'operator', owner: 'mcp', reason: 'a tool asks' }),
    model: (m: Reference) => m.place('operator', 'mcp'),
  }),
  fc.tuple(fc.constantFrom('mcp', 'kora'), fc.nat(5)).map(([by, pick]) => {
    const at = (m: Readonly<Reference>): number => pick % m.holds.length;
    return {
      name: `clearBy(${by}, ${pick})`,
      may: (m) => m.holds.length > 0,
      real: async (town, m) => {
        const holdId = await holdAt(town, at(m));
        return town.ground.database.transaction((tx) =>
          liftHolds(tx, town.context, { by, reason: 'mine or not', holdId }),
        );
      },
      model: (m) => {
        if (m.holds[at(m)]?.owner === by) m.holds.splice(at(m), 1);
      },
    };
  }),
  fc.constant({
    name: 'chainFault',
    real: (town: Town) => place(town, { cause: 'chain', owner: 'gate:5_chain_head', reason: 'a hash' }),
    model: (m: Reference) => m.place('chain', 'gate:5_chain_head'),
  }),
  fc.constant({
    name: 'bumpEpoch',
    real: (town: Town) => raiseEpoch(town.ground.database, { by: 'operator', reason: 'restored' }),
    model: (m: Reference, made: unknown) => {
      m.epoch = Number(made);
    },
  }),
  fc.constant({
    name: 'holdsExpire',
    may: (m: Readonly<Reference>) => m.holds.some(({ ends }) => ends),
    real: async (town: Town) => {
      const rows = await town.ground.database.query<{ id: number }>(
        `update kora.hold set expires_at = clock_timestamp() - interval '1 s' where workspace_id = $1
           and cleared_at is null and expires_at > clock_timestamp() returning hold_id as id`,
        [town.workspaceId],
      );
      for (const { id } of rows) town.over.holds.add(id);
    },
    model: (m: Reference) => {
      m.holds = m.holds.filter(({ ends }) => !ends);
    },
  }),
  fc.constant({
    name: 'stopsExpire',
    may: (m: Readonly<Reference>) => m.inForce.some(({ ends }) => ends),
    real: async (town: Town) => {
      const rows = await town.ground.database.transaction(async (tx) => {
        // The table refuses whoever shortens a stop; time is not asked.
        await tx.query('set local session_replication_role = replica');
        return tx.query<{ id: number }>(
          `update kora.control set expires_at = clock_timestamp() - interval '1 s' where workspace_id = $1
             and superseded_by is null and expires_at > clock_timestamp() returning sequence as id`,
          [town.workspaceId],
        );
      });
      for (const { id } of rows) town.over.stops.add(id);
    },
    model: (m: Reference) => {
      for (const stop of m.stops) if (stop.ends) stop.inForce = false;
    },
  }),
  newTicket,
];
