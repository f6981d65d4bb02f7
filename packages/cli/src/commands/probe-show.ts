import type { ProbeHistory } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import type { Console } from '../output/console.ts';
import { sparkline } from '../output/sparkline.ts';
import { span, unknown } from '../output/time.ts';
import { probeLines, probeOf } from './probe.ts';

const hourMs = 3_600_000;
const dayMs = 86_400_000;
const points = 48;

/** One probe: what it saw last, how quick and how good it was, and how available over the usual windows. */
export const show: Run = async (context) => {
  const { input, out } = context;
  const api = await context.client();
  const row = await probeOf(api, context);
  const said = input.span('since');
  const day = await api.probeHistory(row.name, { sinceMs: said ?? dayMs, points });
  const isYoung = day.spans.every(({ at }) => Date.parse(day.until) - Date.parse(at) < hourMs);
  // Of one that is watched for minutes a day would be a blank.
  const history =
    said === undefined && isYoung ? await api.probeHistory(row.name, { sinceMs: hourMs, points }) : day;
  out.result({ ...row, history }, () => [...probeLines(row, out), '', ...historyLines(history, out)]);
  return 'ok';
};

function historyLines(history: ProbeHistory, out: Console): readonly string[] {
  const { spans, availability } = history;
  const over = span(Date.parse(history.until) - Date.parse(history.from));
  if (spans.length === 0) return [out.style.dim(`no look in ${over}`), '', ...windowLines(availability, out)];
  const p95 = partsOf(history, (part) => part.p95);
  const failing = partsOf(history, (part) => part.looks - part.good);
  const slowest = Math.max(...p95.map((value) => value ?? 0));
  const bad = spans.reduce((sum, part) => sum + part.looks - part.good, 0);
  return [
    ...out.facts([
      ['latency', `${sparkline(p95)}  p95, up to ${span(slowest)}, over ${over}`],
      ['failing', bad === 0 ? 'never' : `${out.style.bad(sparkline(failing))}  ${bad} looks`],
    ]),
    '',
    ...windowLines(availability, out),
  ];
}

/** A value for each part of the time, null where nobody looked. */
function partsOf(
  { from, until, widthMs, spans }: ProbeHistory,
  value: (part: ProbeHistory['spans'][number]) => number | null,
): readonly (number | null)[] {
  const start = Date.parse(from);
  const parts = Array.from(
    { length: Math.max(1, Math.ceil((Date.parse(until) - start) / widthMs)) },
    (): number | null => null,
  );
  for (const part of spans) {
    const at = Math.floor((Date.parse(part.at) - start) / widthMs);
    if (at >= 0 && at < parts.length) parts[at] = value(part);
  }
  return parts;
}

function windowLines(windows: ProbeHistory['availability'], out: Console): readonly string[] {
  return out.table(
    windows,
    [
      { title: 'over', of: (row) => span(row.windowMs) },
      { title: 'good', of: (row) => share(row.availability), right: true },
      { title: 'looks', of: (row) => String(row.looks), right: true },
      { title: 'p50', of: (row) => span(row.p50), right: true },
      { title: 'p95', of: (row) => span(row.p95), right: true },
      { title: 'p99', of: (row) => span(row.p99), right: true },
    ],
    'nobody has looked yet',
  );
}

/** Cut and never rounded up: one bad look in a million is not 100 %. */
function share(availability: number | null): string {
  return availability === null ? unknown : `${(Math.floor(availability * 100_000) / 1_000).toFixed(3)} %`;
}
