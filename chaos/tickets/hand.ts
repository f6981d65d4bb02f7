// A worker of tickets, made to be broken: the runtime's own worker, sessions, ledger and chain on the store it is given,
// without API and plugins. It stands by until it is told to begin, so that it follows at once on one that died.
//   node hand.ts JOB_JSON
import { flushCompileCache } from 'node:module';
import { createInterface } from 'node:readline';
import { scene as openDoor } from '../../packages/runtime/src/admission/testing/scene.ts';
import { Chain, Vocabulary } from '../../packages/runtime/src/chain/index.ts';
import { systemClock } from '../../packages/runtime/src/clock/index.ts';
import type { Clock } from '../../packages/runtime/src/clock/index.ts';
import { acceptMessage, messageEvents } from '../../packages/runtime/src/message/index.ts';
import { Scope } from '../../packages/runtime/src/scope/index.ts';
import { isStoreAway, openPool } from '../../packages/runtime/src/store/index.ts';
import type { Database } from '../../packages/runtime/src/store/index.ts';
import { addTicket, Sessions, ticketEvents, TicketWorker } from '../../packages/runtime/src/ticket/index.ts';
import { handlersOf } from './kinds.ts';
import { Outside } from './outside.ts';
import { struckAt } from './points.ts';
import type { Fate, Verdicts } from './points.ts';
import type { Job, Order } from './running.ts';

const job = JSON.parse(process.argv[2] ?? '') as Job;
const { workspaceId, runtimeId, planted } = job;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const onError = (where: string, error: unknown): void =>
  say(`error ${where}: ${String(error).replaceAll('\n', ' ')}`);

let fate: (Fate & { readonly signal: NodeJS.Signals }) | undefined;
const passed = new Map<string, number>();
const verdicts: Verdicts = { ok: 0, already: 0, lost: 0 };
const refused = { note: 0, operation: 0 };
/** By how much the wall and the monotonic clock of this process are off. */
let leapt = { wallMs: 0, monotonicMs: 0 };

const real = systemClock();
const clock: Clock = {
  ...real,
  now: () => real.now() + leapt.wallMs,
  monotonic: () => real.monotonic() + leapt.monotonicMs,
};

function pass(point: Fate['point'], when: Fate['when']): void {
  const count = (passed.get(`${point} ${when}`) ?? 0) + 1;
  passed.set(`${point} ${when}`, count);
  if (fate?.point !== point || fate.when !== when || count < fate.nth) return;
  const { signal } = fate;
  fate = undefined;
  say(`strike ${when} ${point}`);
  process.kill(process.pid, signal);
}

const orders: { readonly [D in Order['do']]: (order: Extract<Order, { do: D }>) => unknown } = {
  begin: (order) => {
    fate = order.fate;
    return begin();
  },
  strike: (order) => {
    passed.clear();
    fate = order.fate;
  },
  leap: ({ wallMs, monotonicMs }) => {
    leapt = { wallMs: leapt.wallMs + wallMs, monotonicMs: leapt.monotonicMs + monotonicMs };
  },
  figures: () => say(`figures ${JSON.stringify({ ...verdicts, ...refused })}`),
};

async function begin(): Promise<void> {
  const scope = new Scope('hand');
  const pool = openPool({
    connection: job.connection,
    server: { kind: 'url', description: 'the store of the fault run' },
    clock,
    onIdleError: () => undefined,
  });
  const database = struckAt(pool, { pass, verdicts, planted });
  await answering(pool);
  const owner = { workspaceId, runtimeId, sessionId: clock.uuid(), actorId: 'kora' };
  const chain = new Chain({ database: pool, owner, vocabulary: new Vocabulary(), clock, scope, onError });
  const stage = chain.stage.bind(chain);
  const context = { workspaceId, stage };
  const worker = new TicketWorker({
    database,
    owner,
    clock,
    sessions: new Sessions({
      database: pool,
      owner,
      clock,
      connection: pool.way(),
      singleProcess: false,
      ...(job.times === undefined ? {} : { times: job.times }),
      onError,
    }),
    prepare: chain.prepare.bind(chain),
    scrub: (text) => text,
    staged: () => chain.staged(),
    admission: openDoor().admission,
    onClaims: () => undefined,
    apply: async (tx, { tickets = [], messages = [], events = [] }, claim) => {
      const cause = claim.causationId === null ? {} : { causationId: claim.causationId };
      tx.afterCommit(() => worker.announce());
      for (const ticket of tickets) await addTicket(tx, chain, { ...ticket, ...cause });
      for (const message of messages) await acceptMessage(tx, context, { ...message, ...cause });
      await stage(tx, events);
    },
    onError,
  });
  const outside = new Outside(job.world);
  const bug = planted === 'once-as-idempotent' || planted === 'effect-repeated' ? planted : undefined;
  const ports = {
    outside,
    runtime: runtimeId,
    sleep: (ms: number) => real.sleep(ms),
    pass,
    refused: (what: 'note' | 'operation') => {
      refused[what] += 1;
    },
    planted: bug,
  };
  for (const handler of handlersOf(ports)) worker.handle(handler);
  await persist(() => chain.start());
  await persist(() => chain.declare('kora', [...ticketEvents, ...messageEvents]));
  const recovered = await persist(() => worker.recover());
  say(`up ${recovered}`);
  await worker.run(scope.signal);
}

/** A runtime waits for its store: as it starts, and whenever. */
async function persist<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      await real.sleep(100);
    }
  }
}

function answering(pool: Database): Promise<unknown> {
  return persist(() => pool.query('select 1'));
}

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const order = JSON.parse(line) as Order;
  void Promise.resolve((orders[order.do] as (order: Order) => unknown)(order)).catch((error: unknown) => {
    onError('hand', error);
    process.exit(1);
  });
});
// It does not outlive whoever started it.
input.on('close', () => process.exit());
// One that is killed would leave nothing to those after it.
flushCompileCache();
say('standing by');
