import { setTimeout as sleep } from 'node:timers/promises';
import type { Eyes, Look } from './eyes.ts';
import type { BusyHouse } from './house.ts';
import { handle } from './hands.ts';
import { at, type Line, middle, rounded } from './numbers.ts';

export interface Scene {
  readonly house: BusyHouse;
  readonly eyes: Eyes;
  readonly runs: number;
  /** Tickets in the store. */
  readonly tickets: number;
  readonly idleSeconds: number;
  readonly say: (text: string) => void;
}

const usual = 100;
const burst = 1_000;
const slower = 4;
const settleMs = 1_500;
const healsWithinMs = 30_000;

/** The first picture and what hangs in the document, with nothing going on. */
export async function firstPicture({ house, eyes, runs }: Scene): Promise<readonly Line[]> {
  await house.quiet();
  const pictures = async (rate: number): Promise<{ lcp: number[]; nodes: number[] }> => {
    const lcp: number[] = [];
    const nodes: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      const look = await eyes.look('/', rate);
      await look.page.getByRole('heading', { name: 'Last events' }).waitFor();
      await sleep(settleMs * rate);
      lcp.push(await look.read<number>('bench.lcp'));
      nodes.push((await look.held()).nodes);
      await look.close();
    }
    return { lcp, nodes };
  };
  const fast = await pictures(1);
  const slow = await pictures(slower);
  return [
    { metric: 'largest contentful paint', gate: 1_000, unit: 'ms', runs: fast.lcp },
    { metric: 'the same, processor 4× slower', gate: 2_000, unit: 'ms', runs: slow.lcp },
    { metric: 'DOM nodes of the overview', gate: 2_500, unit: '', runs: fast.nodes },
  ];
}

/** What hands meet on a slow machine while events come. */
export async function interactions({ house, eyes, runs, say }: Scene): Promise<readonly Line[]> {
  await house.busy(usual);
  const p95: number[] = [];
  const worst: number[] = [];
  const slowest: { step: string; name: string; ms: number }[] = [];
  let counted = 0;
  for (let run = 0; run < runs; run += 1) {
    const look = await eyes.look('/', slower);
    await sleep(settleMs * slower);
    await handle(look);
    const all = await look.interactions();
    if (all.length < 20) throw new Error(`the browser saw ${all.length} interactions of some fifty`);
    counted += all.length;
    p95.push(
      at(
        all.map(({ ms }) => ms),
        0.95,
      ),
    );
    worst.push(all[0]?.ms ?? Number.NaN);
    slowest.push(...all.slice(0, 4));
    await look.close();
  }
  await house.busy(0);
  for (const { step, name, ms } of slowest.toSorted((a, b) => b.ms - a.ms).slice(0, 8))
    say(`  ${ms} ms  ${name} in ${step}\n`);
  const more = `${Math.round(counted / runs)} a run`;
  return [
    { metric: 'interaction, p95, 100 events/s, 4× slower', gate: 200, unit: 'ms', runs: p95, more },
    { metric: 'the same, worst', gate: 400, unit: 'ms', runs: worst },
  ];
}

/** Nobody touches the overview while events come. */
export async function idle({ house, eyes, idleSeconds }: Scene): Promise<readonly Line[]> {
  await house.busy(usual);
  const look = await eyes.look('/', 1);
  await sleep(4_000);
  const from = await look.read<number>('performance.now()');
  const before = await eyes.pageSeconds();
  await sleep(idleSeconds * 1_000);
  const taken = (await eyes.pageSeconds()) - before;
  const long = (await look.read<{ at: number; ms: number }[]>('bench.long')).filter(
    (task) => task.at >= from,
  );
  await look.close();
  await house.busy(0);
  const lengths = long.map(({ ms }) => ms);
  return [
    {
      metric: `long tasks in ${idleSeconds} s`,
      gate: 3,
      unit: '',
      runs: [lengths.length],
      more: '100 events/s',
    },
    { metric: 'longest of them', gate: 100, unit: 'ms', runs: [Math.max(0, ...lengths)] },
    { metric: 'page at 100 events/s', gate: null, unit: '% of a core', runs: [(taken / idleSeconds) * 100] },
  ];
}

/** Ten seconds of a thousand events: what the page takes, and that it ends with everything. */
export async function flood({ house, eyes, runs, say }: Scene): Promise<readonly Line[]> {
  const seconds = 10;
  const share: number[] = [];
  const rates: number[] = [];
  let lost = 0;
  let anew = 0;
  for (let run = 0; run < runs; run += 1) {
    await house.quiet();
    const look = await eyes.look('/', 1);
    await sleep(settleMs);
    const before = await eyes.pageSeconds();
    await house.busy(burst);
    await sleep(seconds * 1_000);
    share.push((((await eyes.pageSeconds()) - before) / seconds) * 100);
    const told = await house.busy(0);
    rates.push(told.appended / told.seconds);
    if (told.refused > 0) throw new Error(`${told.refused} events were refused by the store`);
    await house.quiet();
    const { stream, lanes, holes, behind } = await missing(look, house);
    lost += lanes + holes + behind;
    anew += stream.resyncs;
    if (lanes + holes + behind + stream.gaps > 0)
      say(
        `  ${lanes} lanes wrong, ${holes} holes in the list, ${behind} behind; ${stream.gaps} holes in the stream\n`,
      );
    await look.close();
  }
  say(`  ${rates.map(rounded).join(', ')} events/s were appended\n`);
  return [
    { metric: 'burst: events/s that the runtime sealed', gate: null, unit: '/s', runs: rates },
    {
      metric: 'burst: lanes wrong, holes in the list, events behind',
      gate: 0,
      unit: '',
      runs: [lost],
      more: `${anew} times read anew`,
    },
    { metric: 'burst: page', gate: 50, unit: '% of a core', runs: share },
  ];
}

interface Missing {
  /** Of what came over the stream, before the page read anything anew. */
  readonly stream: { readonly gaps: number; readonly resyncs: number };
  readonly lanes: number;
  readonly holes: number;
  readonly behind: number;
}

/** How much of what the runtime has the page has not, once nothing comes any more. */
async function missing(look: Look, house: BusyHouse): Promise<Missing> {
  const [head] = await house.client.events({ order: 'desc', limit: 1 });
  if (head === undefined) throw new Error('the chain is empty');
  await look.until(`bench.stream.last >= ${head.seq}`);
  const stream = await look.read<{ gaps: number; resyncs: number }>('bench.stream');
  let lanes = await wrongLanes(look, house);
  // A panel that is old says so and draws no figure; what it says once it is true again is what counts.
  for (const until = performance.now() + healsWithinMs; lanes > 0 && performance.now() < until; ) {
    await sleep(settleMs);
    lanes = await wrongLanes(look, house);
  }
  await look.page.getByRole('navigation', { name: 'Panels' }).getByRole('link', { name: 'Events' }).click();
  await look.page.getByRole('list', { name: 'Events, newest first' }).waitFor();
  const rows = (
    await look.read<string[]>('[...document.querySelectorAll("[id^=event-]")].map((row) => row.id)')
  ).map((id) => Number(id.replace('event-', '')));
  const holes = rows.filter((seq, n) => n > 0 && rows[n - 1] !== seq + 1).length;
  const newest = rows[0] ?? 0;
  return { stream, lanes, holes, behind: Math.max(0, head.seq - newest) };
}

/** How many of the overview's lanes say another figure than the runtime. */
async function wrongLanes(look: Look, house: BusyHouse): Promise<number> {
  const counts = (await house.client.status()).tickets;
  let wrong = 0;
  for (const lane of ['in_progress', 'queued', 'deferred', 'failed_or_blocked'] as const) {
    const link = look.page.locator(`main a[href="/tickets?lane=${lane}"]`).first();
    // The lane's name, then its figure, then whatever else is told of it.
    const figure = /^\D+([\d\s.,]*\d)/.exec((await link.textContent()) ?? '')?.[1]?.replaceAll(/\D/g, '');
    if (figure !== String(counts?.[lane])) wrong += 1;
  }
  return wrong;
}

/** From the stamp of the store to the frame that shows it, on the page of events. */
export async function eventToPixel({ house, eyes, runs }: Scene): Promise<readonly Line[]> {
  const p95: number[] = [];
  const p50: number[] = [];
  await house.busy(usual);
  for (let run = 0; run < runs; run += 1) {
    const look = await eyes.look('/events', 1);
    await look.page.getByRole('list', { name: 'Events, newest first' }).waitFor();
    await sleep(settleMs);
    await look.read(`void (() => {
      bench.frames = [];
      const list = document.querySelector('[role=list][aria-label="Events, newest first"]');
      let newest = 0;
      const each = () => {
        const first = list.querySelector('[id^=event-]');
        const seq = Number(first?.id.replace('event-', '') ?? 0);
        if (seq > newest) {
          newest = seq;
          // What stands in the document now is on the screen with the frame after this one.
          requestAnimationFrame((time) => bench.frames.push([seq, performance.timeOrigin + time]));
        }
        requestAnimationFrame(each);
      };
      each();
    })()`);
    await sleep(10_000);
    const frames = await look.read<[number, number][]>('bench.frames');
    const events = await recent(house, frames[0]?.[0] ?? 0);
    const late = events.flatMap(({ seq, occurredAt }) => {
      const frame = frames.find(([newest]) => newest >= seq);
      return frame === undefined ? [] : [frame[1] - Date.parse(occurredAt)];
    });
    if (late.length < usual) throw new Error(`${late.length} events were seen in ten seconds`);
    p95.push(at(late, 0.95));
    p50.push(middle(late));
    await look.close();
  }
  await house.busy(0);
  return [
    { metric: 'event to pixel, p95', gate: 250, unit: 'ms', runs: p95, more: `p50 ${rounded(middle(p50))}` },
  ];
}

/** The events after a sequence, with their stamps. */
async function recent(house: BusyHouse, after: number): Promise<{ seq: number; occurredAt: string }[]> {
  const all: { seq: number; occurredAt: string }[] = [];
  for (let from = after; ; ) {
    const part = await house.client.events({ after: from, order: 'asc', limit: 500 });
    all.push(...part);
    const last = part.at(-1);
    if (last === undefined) return all;
    from = last.seq;
  }
}
