import { Thinking, prices } from '../../e2e/harness/thinking.ts';
import { until } from '../../e2e/harness/wait.ts';
import type { StoreConnection } from '../../e2e/harness/store.ts';
import type { Asked, Reply } from '../../e2e/model-server/script.ts';
import { askedBy, balanceOf, callsOf, counted, entriesOf, questionIn, runsOf } from './facts.ts';
import type { Look, SpendFacts } from './facts.ts';
import { giveBack, plant } from './planted.ts';
import type { PlantedBug } from './planted.ts';
import { Gate, placeGates } from './points.ts';
import type { Fate } from './points.ts';

export interface SpendRunOptions {
  /** Where the runtime dies, one after the other. */
  readonly fates: readonly Fate[];
  readonly planted?: PlantedBug;
  readonly onKill?: (line: string) => void;
}

const poolUsd = 200;
const questionsEach = 3;
/** All at once in the end, with money for two of them and a half. */
const lastQuestions = 8;
const fitting = 2.5;
const settleMs = 120_000;

/** A house that thinks, whose runtime is killed at the steps of a call, and a provider that keeps its own books. */
class Spenders {
  readonly thinking: Thinking;
  readonly looks: Look[] = [];
  #asked = 0;
  /** What the provider waits for: before its first byte, or after it. */
  #hold: { readonly at: 'asked' | 'midstream'; readonly until: Promise<void> } | undefined;

  constructor(thinking: Thinking) {
    this.thinking = thinking;
    thinking.models.follow((asked) => this.#answer(asked));
  }

  async raise(usd: number = poolUsd): Promise<void> {
    await this.thinking.raise({ KORA_CREDIT_POOL_USD: String(usd) });
  }

  async ask(count: number): Promise<void> {
    const { tickets } = this.thinking.house.api();
    for (let n = 0; n < count; n += 1) {
      this.#asked += 1;
      const name = `question-${this.#asked}`;
      const payload = {
        route: 'scheduled_task',
        key: name,
        text: `What do you make of ${name}?`,
        phrasebook: false,
      };
      await tickets.add({ kind: 'ask', title: name, payload });
    }
  }

  /** Lets the runtime come to that step and kills it there. */
  async strike(store: StoreConnection, fate: Fate): Promise<void> {
    if (fate.point === 'asked' || fate.point === 'midstream') return await this.#strikeAt(fate.point);
    const gate = await Gate.shut(store, fate);
    await this.ask(questionsEach);
    await gate.met();
    await this.#kill();
    await (fate.when === 'before' ? gate.undo() : gate.open());
  }

  /** Holds what the provider is asked from now on, until the answer is let go. */
  hold(at: 'asked' | 'midstream'): () => void {
    let go: () => void = () => undefined;
    this.#hold = { at, until: new Promise((resolve) => (go = resolve)) };
    return () => {
      this.#hold = undefined;
      go();
    };
  }

  async look(store: StoreConnection, where: string): Promise<void> {
    const asked = this.thinking.models.asked.length;
    this.looks.push({ where, asked, ...(await balanceOf(store)) });
  }

  async settled(store: StoreConnection): Promise<void> {
    const open = async (): Promise<true> => {
      const left = await store.rows<{ what: string }>(
        `select concat_ws(' ', t.title, case when l.ticket_id is null then 'ready from ' || r.eligible_at else 'in hand' end,
           (select string_agg(run.status, ',') from kora.reason_run run where run.question like '% ' || t.title || '?')) as what
         from kora.ticket t left join kora.ticket_ready r using (workspace_id, ticket_id)
         left join kora.ticket_lease l using (workspace_id, ticket_id)
         where r.ticket_id is not null or l.ticket_id is not null`,
      );
      if (left.length === 0) return true;
      throw new Error(left.map(({ what }) => what).join('; '));
    };
    await until('every ticket to have ended', open, settleMs);
  }

  async #strikeAt(at: 'asked' | 'midstream'): Promise<void> {
    const { models } = this.thinking;
    const before = models.asked.length;
    const go = this.hold(at);
    await this.ask(questionsEach);
    await until('the provider to be asked', () => models.asked.length > before);
    await this.#kill();
    go();
  }

  async #kill(): Promise<void> {
    const { child } = this.thinking.up;
    child.signal('SIGKILL');
    await child.ended;
  }

  async #answer(asked: Asked): Promise<Reply> {
    const held = this.#hold;
    if (held?.at === 'asked') await held.until;
    const name = questionIn(asked.messages.map(({ text }) => text).join('\n'));
    const text = (async function* speech() {
      yield `Of ${name} I make this: `;
      if (held?.at === 'midstream') await held.until;
      yield 'it is a question of the fault run, and it is answered at some length so that nobody asks again.';
    })();
    return { text, usage: counted };
  }
}

/**
 * Kills the runtime at steps between a reservation and its settlement, starts it again on the same home, and in the
 * end asks more at once than the pool fits. What the provider was asked is its own word. Throws when something does not
 * come to its end.
 */
export async function killSpenders(options: SpendRunOptions): Promise<{ readonly facts: SpendFacts }> {
  const model = { provider: 'scripted', contextTokens: 100_000, maxOutputTokens: 1_000, price: prices.small };
  await using thinking = await Thinking.prepare({
    reasoning: { models: [{ ...model, name: 'small', id: 'scripted-small', tier: 'small' }], fallback: [] },
    // Money alone shall say no here, and at its very end.
    configuration: { spend: { pacing: 'off', criticalShare: 0 } },
  });
  const spenders = new Spenders(thinking);
  await spenders.raise();
  await killEach(spenders, options);
  return { facts: await toTheEdge(spenders) };
}

async function killEach(
  spenders: Spenders,
  { fates, planted, onKill = () => undefined }: SpendRunOptions,
): Promise<void> {
  await using store = await spenders.thinking.house.store();
  await placeGates(store);
  if (planted !== undefined) await plant(store, planted);
  for (const [n, fate] of fates.entries()) {
    await spenders.strike(store, fate);
    const where = `${fate.when} ${fate.point}`;
    await spenders.look(store, where);
    if (planted === 'gives-back-at-start') await giveBack(store);
    await spenders.look(store, `at the start that follows ${where}`);
    await spenders.raise();
    const { asked, spent, reserved } = spenders.looks.at(-1) ?? { asked: 0, spent: 0, reserved: 0 };
    onKill(`${n + 1}/${fates.length}  ${where}; ${asked} asked, ${spent} spent, ${reserved} reserved`);
  }
  await spenders.settled(store);
}

/** Starts with a pool that fits two calls more and a half, asks eight at once, and gathers what is left of all. */
async function toTheEdge(spenders: Spenders): Promise<SpendFacts> {
  const { thinking } = spenders;
  const fits = await justEnough(thinking);
  // With the runtime goes its store.
  await thinking.did('down');
  await thinking.up.child.ended;
  const before = thinking.models.asked.length;
  const go = spenders.hold('asked');
  await spenders.raise(fits / 1_000_000);
  await using store = await thinking.house.store();
  const known = new Set((await runsOf(store)).map(({ runId }) => runId));
  await spenders.ask(lastQuestions);
  const { asked, refused } = await until('the last questions to be asked or refused', async () => {
    const runs = (await runsOf(store)).filter(({ runId }) => !known.has(runId));
    const now = {
      asked: thinking.models.asked.length - before,
      refused: runs.filter(({ status }) => status === 'refused' || status === 'failed').length,
    };
    return now.asked + now.refused >= lastQuestions && now;
  });
  go();
  await spenders.settled(store);
  await spenders.look(store, 'at the edge');
  return await gather(spenders, store, { asked, refused, fits });
}

/** What is spent and reserved, and two of the dearest calls and a half. */
async function justEnough({ house }: Thinking): Promise<number> {
  await using store = await house.store();
  const { spent, reserved } = await balanceOf(store);
  const dearest = Math.max(...(await entriesOf(store)).map((entry) => entry.reserved));
  return Math.ceil(spent + reserved + fitting * dearest);
}

async function gather(
  { thinking, looks }: Spenders,
  store: StoreConnection,
  edge: SpendFacts['edge'],
): Promise<SpendFacts> {
  const answered = await store.rows<{ name: string }>(
    `select t.title as name from kora.ticket t join kora.ticket_outcome o using (workspace_id, ticket_id)
     where t.kind = 'ask' and o.result -> 'answer' ->> 'status' = 'answered'`,
  );
  return {
    poolMicroUsd: poolUsd * 1_000_000,
    looks,
    entries: await entriesOf(store),
    calls: await callsOf(store),
    runs: await runsOf(store),
    asked: askedBy(thinking.models.asked),
    answered: answered.map(({ name }) => name),
    edge,
  };
}
