import fc from 'fast-check';
import { removeSentinel, writeSentinel } from '../../packages/runtime/src/control/index.ts';
import type { SentinelLevel } from '../../packages/runtime/src/control/index.ts';
import { endKilled, isThere, whoever } from './deed.ts';
import type { Deed } from './deed.ts';
import { poolMicroUsd } from './process.ts';

let months = 0;

/** What happens to the money of the workspace. */
export const money: fc.Arbitrary<Deed>[] = [
  whoever.map((who) => ({
    name: `spendAll(${who})`,
    may: (m) => isThere(m, who),
    real: (town) => {
      const report = { reportedMicroUsd: 2 * poolMicroUsd, reason: 'the bill', by: 'operator' };
      return town.process(who).rooms.spend.reconcile(report);
    },
    model: (m) => {
      if (!m.isSpent) m.place('cost', 'spend');
      m.isSpent = true;
    },
  })),
  whoever.map((who) => ({
    name: `nextMonth(${who})`,
    may: (m) => isThere(m, who),
    real: async (town) => {
      months += 1;
      await town.ground.database.query(
        `create or replace function kora.spend_period() returns date language sql volatile as
           $$ select (date '2100-01-01' + interval '${months} months')::date $$`,
      );
      await town.process(who).rooms.spend.refresh();
    },
    model: (m) => {
      m.isSpent = false;
      m.holds = m.holds.filter(({ cause }) => cause !== 'cost');
    },
  })),
  whoever.map((who) => ({
    name: `refresh(${who})`,
    may: (m) => isThere(m, who),
    real: (town) => town.process(who).rooms.spend.refresh(),
    model: () => undefined,
  })),
];

export const storeBack: fc.Arbitrary<Deed> = whoever.map((who) => ({
  name: `storeBack(${who})`,
  may: (m) => m.isUp(who) && m.at(who).away,
  real: async (town) => {
    town.process(who).way.isAway = false;
    await town.process(who).returned();
  },
  model: (m) => {
    m.at(who).away = false;
  },
}));

/** A store that one runtime cannot reach, and the stop that is laid into a home. */
export const distress: fc.Arbitrary<Deed>[] = [
  whoever.map((who) => ({
    name: `loseStore(${who})`,
    may: (m) => isThere(m, who),
    real: (town) => {
      town.process(who).way.isAway = true;
      return Promise.resolve();
    },
    model: (m) => {
      m.at(who).away = true;
    },
  })),
  storeBack,
  fc.tuple(whoever, fc.constantFrom<SentinelLevel[]>(1, 2, 3, 4)).map(([who, level]) => ({
    name: `sentinel(${who}, L${level})`,
    real: async (town) => {
      const house = town.house(who);
      const at = new Date(town.moment()).toISOString();
      writeSentinel(house.home.directory, { level, reason: 'nothing answers', by: 'operator', at });
      house.process?.rooms.keeper.notice();
      await endKilled(town, who);
    },
    model: (m) => {
      const runtime = m.at(who);
      const before = runtime.sentinel?.level ?? 0;
      // A stricter one that lies there may have been ended by a reset this home has not heard of: this stop is a new one.
      runtime.sentinel = { level: Math.max(level, before) };
      if (!m.isUp(who)) return;
      if (runtime.sentinel.level >= 3) m.abort(who);
      if (level >= 4) m.stop(who);
      m.look(who);
    },
  })),
  whoever.map((who) => ({
    name: `sentinelByHandGone(${who})`,
    may: (m) => m.at(who).sentinel !== undefined && m.isUp(who),
    real: (town) => {
      const house = town.house(who);
      removeSentinel(house.home.directory);
      house.process?.rooms.keeper.notice();
      return Promise.resolve();
    },
    model: (m) => {
      m.at(who).sentinel = undefined;
      m.look(who);
    },
  })),
];
