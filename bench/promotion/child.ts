// One cycle of one loop in a process of its own, on a past that was seeded: `node child.ts LOOP` with the connection as JSON
// on standard input. What came out of it goes to standard output, as JSON.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';
import promoteLoops from '../../packages/promote-loops/src/index.ts';
import type { HistoryLook, LoopSpec } from '../../packages/runtime/src/promotion/contract.ts';
import { readPast } from '../../packages/runtime/src/chain/past.ts';
import { systemClock } from '../../packages/runtime/src/clock/index.ts';
import { every } from '../../packages/runtime/src/promotion/every.ts';
import { historyReads } from '../../packages/runtime/src/promotion/history/reads.ts';
import { Looks } from '../../packages/runtime/src/promotion/looks.ts';
import { openPool } from '../../packages/runtime/src/store/index.ts';
import type pg from 'pg';
import { scriptedPlaces } from './places.ts';

export interface ChildSaid {
  readonly observed: number;
  readonly drafts: number;
  /** The first few, one after the other, and how many of these stood. */
  readonly examined: number;
  readonly passed: number;
  readonly observeSeconds: number;
  readonly examineSeconds: number;
  /** Of the processor, for all of it: what else the machine does is not in it. */
  readonly cpuSeconds: number;
  /** Of the process, before the cycle and at most. */
  readonly baseMiB: number;
  readonly peakMiB: number;
  /** Milliseconds without a turn for others; and what the thread itself worked in such a stretch. */
  readonly longestHold: number;
  readonly longestWork: number;
  readonly titles: readonly string[];
}

/** Each reads the held-out part on its own: what one takes, the others take too. */
const mostExamined = 3;
const [name = ''] = process.argv.slice(2);
const database = openPool({
  connection: JSON.parse(await text(process.stdin)) as pg.ClientConfig,
  server: { kind: 'url', description: 'benchmark' },
  clock: systemClock(),
  onIdleError: (error) => process.stderr.write(`${String(error)}\n`),
});
const [workspace] = await database.query<{ id: number }>('select workspace_id as id from kora.workspace');
const workspaceId = workspace?.id ?? 0;
const chain: Parameters<typeof historyReads>[0]['chain'] = {
  readPast: (query) => readPast(database, workspaceId, query),
};
const looks = new Looks(historyReads({ database, workspaceId, chain }));
const loop = name.startsWith('read ') ? reading(name) : (await loopsOf()).find((each) => each.name === name);
if (loop === undefined) throw new RangeError(`there is no loop ${name}`);
const until = new Date();
const since = new Date(until.getTime() - loop.settings.windowDays * 86_400_000).toISOString();
const window = { since, until: until.toISOString() };
const never = new AbortController().signal;

const baseMiB = Math.round(process.memoryUsage().rss / 2 ** 20);
const held = monitorEventLoopDelay({ resolution: 5 });
held.enable();
let longestWork = 0;
let worked = process.threadCpuUsage();
const turns = setInterval(() => {
  const now = process.threadCpuUsage();
  longestWork = Math.max(longestWork, now.user + now.system - worked.user - worked.system);
  worked = now;
}, 5);
const cpu = process.cpuUsage();
const began = performance.now();
const { observed, drafts } = await looks.during('promote-loops', [{ ...window, part: 'shown' }], ([look]) => {
  if (look === undefined) throw new RangeError('no look');
  return loop.observe(look, never);
});
const observedAt = performance.now();
let passed = 0;
const examined = drafts.slice(0, mostExamined);
for (const each of examined) {
  const { passed: isGood } = await looks.during(
    'promote-loops',
    [{ ...window, part: 'held_out' }],
    ([look]) => {
      if (look === undefined) throw new RangeError('no look');
      return loop.examine(each, look, never);
    },
  );
  if (isGood) passed += 1;
}
const endedAt = performance.now();
const used = process.cpuUsage(cpu);
held.disable();
clearInterval(turns);
const seconds = (ms: number): number => Math.round(ms / 100) / 10;
const said: ChildSaid = {
  observed,
  drafts: drafts.length,
  examined: examined.length,
  passed,
  observeSeconds: seconds(observedAt - began),
  examineSeconds: seconds(endedAt - observedAt),
  cpuSeconds: seconds((used.user + used.system) / 1_000),
  baseMiB,
  peakMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
  longestHold: Math.round(held.max / 1e5) / 10,
  longestWork: Math.round(longestWork / 100) / 10,
  titles: drafts.slice(0, 5).map(({ title }) => title),
};
process.stdout.write(JSON.stringify(said));
await database.close();

/** What reading alone takes: the floor under every loop. */
function reading(what: string): Pick<LoopSpec, 'settings' | 'observe' | 'examine'> {
  const past = looks.historyFor('promote-loops');
  const types = ['email.intent_read', 'reasoning.escalated'];
  const readers: Readonly<Record<string, (look: HistoryLook) => AsyncIterable<unknown>>> = {
    'read questions': (look) => every(past.questions, { look, limit: 2_000 }),
    'read tool calls': (look) => every(past.toolCalls, { look, limit: 2_000 }),
    'read incidents': (look) => every(past.incidents, { look, limit: 2_000 }),
    'read attempts': (look) => every(past.attempts, { look, limit: 2_000 }),
    'read events': (look) => every((query) => past.events({ ...query, types }), { look, limit: 2_000 }),
  };
  return {
    settings: {
      enabled: true,
      everyHours: 24,
      windowDays: 30,
      expiryDays: 14,
      trialHours: 72,
      applyLowRisk: false,
    },
    observe: async (look) => {
      let observed = 0;
      for await (const _ of readers[what]?.(look) ?? []) observed += 1;
      return { observed, drafts: [] };
    },
    examine: async () => ({
      passed: false,
      why: '',
      figures: [],
      gain: { microUsdPerDay: 0, secondsPerDay: 0 },
    }),
  };
}

/** The loops that the plugin registers, with what it is configured to by default. */
async function loopsOf(): Promise<readonly LoopSpec[]> {
  const loops: LoopSpec[] = [];
  const promotion = {
    history: looks.historyFor('promote-loops'),
    places: async (kind: string) => scriptedPlaces(kind),
  };
  const given: Readonly<Record<string, unknown>> = {
    config: promoteLoops.config?.parse({}),
    promotion,
    registerLoop: async (loop: LoopSpec) => void loops.push(loop),
  };
  // All else that a plugin may be given is nothing to a loop.
  const context = new Proxy(given, { get: (of, key) => of[String(key)] ?? (async () => undefined) });
  await promoteLoops.register(context as unknown as Parameters<typeof promoteLoops.register>[0]);
  return loops;
}
