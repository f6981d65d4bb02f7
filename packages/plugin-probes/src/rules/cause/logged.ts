import type { Finding } from '../../scene/contract.ts';
import { percentile } from '../gauge/numbers.ts';
import type { LogPicture } from '../logs/picture.ts';
import { clockTime, oneLine } from '../words.ts';
import { namedNeed } from '../world/blame.ts';
import type { CauseRule, Study } from '../world/study.ts';

const timedOut = /time[d]?[ -]?out|deadline exceeded|ETIMEDOUT|context canceled/i;
/** How finely the rate is looked at over the span of a log. */
const windows = 24;

/** How many lines tell of timeouts, by windows: when the share rose and stayed, not when the first one came. */
export const timeoutsLogged: CauseRule = (study) =>
  study.logs.flatMap((log): Finding[] => {
    const templates = log.templates.filter(
      ({ tokens, level, first }) => level !== 'debug' && timedOut.test(`${tokens.join(' ')} ${first.text}`),
    );
    const times = templates.flatMap((template) => template.times).sort((one, other) => one - other);
    if (times.length < 10) return [];
    const shares = sharesOf(times, log.times);
    const rise = riseOf(shares) ?? riseSince(study.onset, times, log.times);
    if (rise === null) return [];
    const first = templates.reduce((best, one) => (one.count > best.count ? one : best));
    // Whom a log waits for, when it says so and depends on it.
    const entity = namedNeed(first.first.text, log.entity, study) ?? log.entity;
    return [
      {
        rule: 'timeouts_logged',
        cause: 'timeout_rate',
        entity,
        text: `Timeouts in the log of ${nameOf(log.entity, study)} rose from ${percent(rise.before)} to ${percent(rise.after)} of its lines at ${clockTime(rise.at, study.scene.now)}: "${oneLine(first.last.text, 160)}".`,
        evidence: [
          ...new Set([`${log.source.id}#${first.first.line}`, `${log.source.id}#${first.last.line}`]),
        ],
        at: rise.at,
        weight: 'deciding',
        fix: 'look at what it waits for, from the time at which the share rose',
      },
    ];
  });

interface Share {
  readonly at: number;
  readonly share: number;
  readonly lines: number;
}

function sharesOf(times: readonly number[], all: readonly number[]): readonly Share[] {
  const from = all[0] ?? 0;
  const span = (all.at(-1) ?? from) - from;
  if (span <= 0) return [];
  const counts = Array.from({ length: windows }, () => ({ hits: 0, lines: 0 }));
  const countAt = (at: number) =>
    counts[Math.max(0, Math.min(windows - 1, Math.floor(((at - from) / span) * windows)))];
  for (const at of all) {
    const count = countAt(at);
    if (count !== undefined) count.lines += 1;
  }
  for (const at of times) {
    const count = countAt(at);
    if (count !== undefined) count.hits += 1;
  }
  return counts.map(({ hits, lines }, index) => ({
    at: from + (index * span) / windows,
    share: lines === 0 ? 0 : hits / lines,
    lines,
  }));
}

/** The window from which on the share is several times what it was before; null when it never stays up. */
function riseOf(shares: readonly Share[]): { before: number; after: number; at: number } | null {
  for (let place = 2; place < shares.length - 1; place += 1) {
    const before = weighted(shares.slice(0, place));
    const here = shares.slice(place, place + 2);
    const after = weighted(shares.slice(place));
    const floor = Math.max(0.1, before * 5);
    const start = here[0];
    if (start !== undefined && here.every(({ share }) => share >= floor) && after >= floor) {
      return { before, after, at: start.at };
    }
  }
  return null;
}

/** A rise at the very end of a long log shows in no window of it: the first failing look divides it too. */
function riseSince(
  onset: number | null,
  times: readonly number[],
  all: readonly number[],
): { before: number; after: number; at: number } | null {
  if (onset === null) return null;
  const since = onset - 60_000;
  const share = (is: (at: number) => boolean): number =>
    times.filter(is).length / Math.max(1, all.filter(is).length);
  const before = share((at) => at < since);
  const after = share((at) => at >= since);
  const hasBoth = all.some((at) => at < since) && times.filter((at) => at >= since).length >= 5;
  return hasBoth && after >= Math.max(0.1, before * 5) ? { before, after, at: since } : null;
}

function weighted(shares: readonly Share[]): number {
  const lines = shares.reduce((sum, one) => sum + one.lines, 0);
  return lines === 0 ? 0 : shares.reduce((sum, one) => sum + one.share * one.lines, 0) / lines;
}

/** Requests of one path that take long, by percentiles of plain information: no line says that anything is wrong. */
export const slowPath: CauseRule = (study) =>
  study.logs.flatMap((log): Finding[] => {
    const paths = [...log.paths].filter(([name, { points }]) => name !== 'all' && points.length >= 5);
    const measured = paths.map(([name, { points, lines }]) => {
      const values = points.map(([, value]) => value);
      const slowest = values.indexOf(Math.max(...values.slice(0, 50_000)));
      return {
        name,
        p50: percentile(values, 0.5),
        p95: percentile(values, 0.95),
        at: points[0]?.[0] ?? null,
        line: lines[slowest] ?? lines[0] ?? 1,
        requests: values.length,
      };
    });
    const [worst, ...others] = measured.sort((one, other) => other.p95 - one.p95);
    if (worst === undefined || others.length === 0 || worst.p95 < 500) return [];
    const usual = percentile(
      others.map(({ p95 }) => p95),
      0.5,
    );
    const isAlways = worst.p50 >= usual * 4;
    const isOften = worst.p95 >= Math.max(1_000, usual * 8);
    if (!isAlways && !isOften) return [];
    return [
      {
        rule: 'slow_path',
        cause: 'slow_path',
        entity: pathEntity(worst.name, study) ?? log.entity,
        text: `${oneLine(worst.name, 100)} of ${nameOf(log.entity, study)} takes ${Math.round(worst.p50)} ms (median) and ${Math.round(worst.p95)} ms (95th percentile) over ${worst.requests} requests; its other paths stay below ${Math.round(usual)} ms.`,
        evidence: [`${log.source.id}#${worst.line}`],
        at: worst.at,
        weight: 'deciding',
        fix: `profile ${oneLine(worst.name, 100)}: nothing else is slow`,
      },
    ];
  });

function pathEntity(path: string, { lineage }: Study): string | undefined {
  return [...lineage.entities.values()].find(({ name, kind }) => kind !== 'probe' && name === path)?.id;
}

/** Who is refused for asking too often, when it is one above all others. */
export const limitedClient: CauseRule = (study) =>
  study.logs.flatMap((log): Finding[] => {
    const total = [...log.limited.values()].reduce((sum, count) => sum + count, 0);
    const [who, count] = [...log.limited].sort((one, other) => other[1] - one[1])[0] ?? ['', 0];
    if (count < 5 || count < total * 0.6) return [];
    const template = log.templates
      .filter(({ first }) => first.text.includes(who) || /429|rate.?limit|throttl|too many/i.test(first.text))
      .reduce<LogPicture['templates'][number] | null>(
        (best, one) => (best === null || one.count > best.count ? one : best),
        null,
      );
    if (template === null) return [];
    const from = template.times[0] ?? null;
    const minutes = from === null ? 0 : Math.max(1, ((template.times.at(-1) ?? from) - from) / 60_000);
    const rate = minutes === 0 ? '' : `, ${Math.round(count / minutes)} a minute`;
    return [
      {
        rule: 'limited_client',
        cause: 'rate_limited',
        entity: study.lineage.named(who)?.id ?? log.entity,
        text: `${oneLine(who, 80)} is refused for asking too often: ${count} of ${total} refusals in the log of ${nameOf(log.entity, study)}${rate}. The limit does what it is for.`,
        evidence: [`${log.source.id}#${template.first.line}`],
        at: from,
        weight: 'deciding',
        fix: `ask ${oneLine(who, 80)} to slow down, or give it a limit of its own`,
      },
    ];
  });

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

function nameOf(id: string, { lineage }: Study): string {
  return oneLine(lineage.entities.get(id)?.name ?? id, 80);
}
