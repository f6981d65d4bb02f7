import fc from 'fast-check';
import type { DegradationReason } from '../../packages/runtime/src/state/index.ts';
import { beat, endKilled, isWorking, whoever } from './deed.ts';
import type { Deed } from './deed.ts';

export const start: fc.Arbitrary<Deed> = whoever.map((who) => ({
  name: `start(${who})`,
  may: (m) => !m.isUp(who),
  real: async (town) => {
    await town.start(who);
    await town.passTime();
  },
  model: (m) => {
    const runtime = m.at(who);
    const born = { life: 'booting', away: false, expired: false, bornAt: m.stops.length } as const;
    Object.assign(runtime, born, { failing: new Set<string>() });
    m.reap(who);
    m.look(who);
  },
}));

export const gatesPass: fc.Arbitrary<Deed> = whoever.map((who) => ({
  name: `gatesPass(${who})`,
  may: (m) => m.at(who).life === 'booting' && !m.at(who).away,
  real: (town) => town.process(who).pass(),
  model: (m) => {
    const runtime = m.at(who);
    // The gate of the epoch sees what the heartbeat sees, and looks only where it placed a hold.
    if (runtime.knownEpoch !== m.epoch) {
      if (m.accepted.has(m.epoch)) runtime.knownEpoch = m.epoch;
      else {
        m.place('dr', 'gate:3b_epoch');
        m.look(who);
      }
    }
    if (runtime.life === 'booting') runtime.life = 'passed';
  },
}));

export const crash: fc.Arbitrary<Deed> = whoever.map((who) => ({
  name: `crash(${who})`,
  may: (m) => m.isUp(who),
  real: (town) => {
    const house = town.house(who);
    house.process?.die();
    house.process = undefined;
    return Promise.resolve();
  },
  model: (m) => {
    for (const ticket of m.ticketsOf(who, 'held')) ticket.at = 'limbo';
    Object.assign(m.at(who), { life: 'down', away: false });
  },
}));

export const finish: fc.Arbitrary<Deed> = fc.tuple(whoever, fc.nat(1)).map(([who, pick]) => ({
  name: `finish(${who}, ${pick})`,
  may: (m) => isWorking(m, who) && m.ticketsOf(who, 'held').length > 0,
  real: (town) => {
    const { inHand } = town.process(who);
    const [ticketId, answer] = [...inHand][pick % inHand.size] ?? [];
    answer?.({ resolution: 'completed', summary: 'done' });
    if (ticketId !== undefined) town.process(who).finished(ticketId);
    return Promise.resolve(ticketId);
  },
  model: (m, made) => {
    const ticket = m.tickets.get(Number(made));
    if (ticket !== undefined) ticket.at = 'done';
  },
}));

/** What a process does and suffers. */
export const lives: fc.Arbitrary<Deed>[] = [
  start,
  gatesPass,
  whoever.map((who) => ({
    name: `gateFails(${who})`,
    may: (m) => m.at(who).life === 'booting',
    real: async (town) => {
      const detail = { gate_id: '7_canonical_actor', detail: 'no' };
      const { holder } = town.process(who).rooms;
      await holder.transition('boot.failed', { boot: 'failed' }, { detail });
      await endKilled(town, who);
    },
    model: (m) => m.stop(who),
  })),
  crash,
  whoever.map((who) => ({
    name: `leasesRunOut(${who})`,
    may: (m) => !m.isUp(who) && m.ticketsOf(who, 'limbo').length > 0,
    real: (town) =>
      town.ground.database.query(
        `update kora.session set until = clock_timestamp() - interval '1 s'
         where workspace_id = $1 and runtime_id = $2 and until > clock_timestamp()`,
        [town.workspaceId, town.house(who).home.runtimeId],
      ),
    model: (m) => {
      m.at(who).expired = true;
    },
  })),
  whoever.map((who) => ({
    name: `lap(${who})`,
    may: (m) => m.at(who).life === 'passed',
    real: async (town) => {
      await town.process(who).lap();
      await town.quiet();
      await town.passTime();
    },
    model: (m) => {
      if (!m.at(who).away) m.reap(who);
    },
  })),
  finish,
  fc
    .tuple(whoever, fc.constantFrom<DegradationReason[]>('dispatch', 'token_expiring'))
    .map(([who, reason]) => ({
      name: `checkFails(${who}, ${reason})`,
      may: (m) => m.at(who).life !== 'down',
      real: (town) => {
        const { holder } = town.process(who).rooms;
        const failing = new Set([...holder.inputs.failing, reason]);
        return holder.transition('check.failed', { failing }, { detail: { check: reason } });
      },
      model: (m) => {
        if (m.isUp(who)) m.at(who).failing.add(reason);
      },
    })),
  fc
    .tuple(whoever, fc.constantFrom<DegradationReason[]>('dispatch', 'token_expiring'))
    .map(([who, reason]) => ({
      name: `checkRecovers(${who}, ${reason})`,
      may: (m) => m.at(who).life !== 'down',
      real: (town) => {
        const { holder } = town.process(who).rooms;
        const failing = new Set([...holder.inputs.failing].filter((each) => each !== reason));
        return holder.transition('check.recovered', { failing }, { detail: { check: reason } });
      },
      model: (m) => {
        if (m.isUp(who)) m.at(who).failing.delete(reason);
      },
    })),
  whoever.map((who) => ({
    name: `look(${who})`,
    may: (m) => m.isUp(who),
    real: (town) => beat(town, who),
    model: (m) => m.beat(who),
  })),
];
