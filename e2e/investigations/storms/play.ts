import type { ProbeSnapshot, ProbeStatus } from '@kora/runtime/plugin';
import { eventAt } from '../../../packages/plugin-probes/fixtures/scene.ts';
import type { IntakeVerdict } from '../../../packages/plugin-probes/src/intake/intake.ts';
import { fixAttempted, readFix } from '../../../packages/plugin-probes/src/intake/own-fix.ts';
import type { FixMark } from '../../../packages/plugin-probes/src/intake/own-fix.ts';
import { hostOf } from '../../../packages/plugin-probes/src/rules/host.ts';
import { readWake, wakeRequested } from '../../../packages/plugin-probes/src/wake.ts';
import type { Wake } from '../../../packages/plugin-probes/src/wake.ts';
import { probeBench } from '../../../packages/runtime/src/probe/testing/bench.ts';
import type { ProbeBench } from '../../../packages/runtime/src/probe/testing/bench.ts';
import type { StormCase, StormTruth } from './cases.ts';

/** How long a fix takes. */
const fixSeconds = 3;

/** Who decides what becomes of a wake: the intake that ships, or one that is planted. */
export interface Decider {
  verdict(wake: Wake, fixes: readonly FixMark[]): IntakeVerdict;
  /** Who leads the storm of a wake by now; null of one that is in none. */
  leaderOf(wakeId: string): string | null;
}

/** What many alarms came to, counted from the store and from what was decided. */
export interface Account {
  readonly incidents: number;
  readonly wakes: readonly Wake[];
  /** Wakes whose investigation really begins: those that lead when their time comes. */
  readonly investigated: readonly { readonly probe: string; readonly waitMs: number }[];
  readonly messages: readonly string[];
}

/** Plays a storm: the probe room that ships looks, on a real store and a clock that is moved, and its wakes are decided upon. */
export async function play(storm: StormCase, decider: Decider): Promise<Account> {
  const bench = await probeBench();
  let second = 0;
  for (const { name, target, severity, dependsOn } of storm.probes) {
    const host = hostOf({ kind: 'http', target });
    await bench.probes.register(
      {
        name,
        kind: 'http',
        target,
        everyMs: 10_000,
        ...(severity === undefined ? {} : { severity }),
        ...(dependsOn === undefined ? {} : { dependsOn }),
        // As the plugin that ships says it of what it watches.
        ...(host === null ? {} : { host }),
        check: () => Promise.resolve(snapshotOf(storm.see(name, second))),
      },
      'probes',
    );
  }
  const start = bench.clock.now();
  const wakes: Wake[] = [];
  const begun: { wake: Wake; waitMs: number }[] = [];
  for (const at of storm.looks) {
    await pass(bench, start + at * 1000 - bench.clock.now());
    second = at;
    for (const { name } of storm.probes) await bench.probes.runNow(name);
    const fixes = fixesOf(storm, at, start);
    for (const wake of await newWakes(bench, wakes)) {
      wakes.push(wake);
      const verdict = decider.verdict(wake, fixes);
      if (verdict.kind === 'investigate') begun.push({ wake, waitMs: verdict.waitMs });
    }
  }
  const leads = ({ wakeId }: Wake): boolean => (decider.leaderOf(wakeId) ?? wakeId) === wakeId;
  return {
    incidents: (await bench.incidents()).length,
    wakes,
    investigated: begun
      .filter(({ wake }) => leads(wake))
      .map(({ wake, waitMs }) => ({ probe: wake.probe, waitMs })),
    messages: (await bench.messages()).map(({ title, body }) => `${title}\n${body}`),
  };
}

/** Where an account departs from the truth. */
export function judgeStorm(
  { incidents, wakes, investigated, messages }: Account,
  truth: StormTruth,
): string[] {
  const { least, most } = truth.wakes;
  const notices = messages.filter((message) => / Flapping · /.test(message)).length;
  const atOnce = investigated.find(({ probe }) => probe === truth.atOnce);
  return [
    ...(investigated.length === truth.investigations
      ? []
      : [`${investigated.length} investigations, not ${truth.investigations}`]),
    ...(wakes.length >= least && wakes.length <= most
      ? []
      : [`${wakes.length} wakes, not ${least} to ${most}`]),
    ...(truth.incidents === undefined || incidents === truth.incidents
      ? []
      : [`${incidents} incidents, not ${truth.incidents}`]),
    ...(truth.flappingNotices === undefined || notices === truth.flappingNotices
      ? []
      : [`${notices} words on going back and forth, not ${truth.flappingNotices}`]),
    ...(truth.atOnce === undefined || atOnce?.waitMs === 0 ? [] : [`${truth.atOnce} was not begun at once`]),
    ...(truth.silent === true && messages.length > 0 ? [`${messages.length} messages about nothing`] : []),
  ];
}

/** Moves the clock, and ages what the store dated by its own. */
async function pass({ clock, database }: ProbeBench, ms: number): Promise<void> {
  clock.jump(ms);
  await database.query(
    `update kora.incident set opened_at = opened_at - $1::float8 * interval '1 ms',
       resolved_at = resolved_at - $1::float8 * interval '1 ms'`,
    [ms],
  );
}

function snapshotOf(status: ProbeStatus): ProbeSnapshot {
  if (status === 'healthy') return { status, latencyMs: 20, details: {} };
  return { status, details: {}, error: status === 'unreachable' ? 'connection refused' : 'HTTP 500' };
}

/** Fixes that have come to their end by now, as the chain has them. */
function fixesOf({ fixes = [] }: StormCase, second: number, start: number): FixMark[] {
  return fixes
    .filter((fix) => fix.second + fixSeconds <= second)
    .flatMap(({ probe, second: began }) => {
      const payload = { probe, outcome: 'attempted', duration_ms: fixSeconds * 1000 };
      return readFix(eventAt(0, fixAttempted, iso(start + (began + fixSeconds) * 1000), payload)) ?? [];
    });
}

/** Wakes that were raised since, as the chain will have them, dated by the clock that the probes look at. */
async function newWakes({ database, clock }: ProbeBench, known: readonly Wake[]): Promise<Wake[]> {
  const rows = await database.query<{ number: string; body: string }>(
    'select number::text, body from kora.stage as s where type = $1 order by s.number offset $2',
    [wakeRequested, known.length],
  );
  return rows.flatMap(({ number, body }) => {
    const payload = JSON.parse(body) as Record<string, unknown>;
    return readWake(eventAt(Number(number), wakeRequested, iso(clock.now()), payload)) ?? [];
  });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
