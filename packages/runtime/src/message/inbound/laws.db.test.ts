import fc from 'fast-check';
import { beforeAll, afterAll, expect, test } from 'vitest';
import { fileDatabase } from '../../store/testing/database.ts';
import { arrival, inboundBench } from '../testing/inbound-bench.ts';
import type { InboundBench, InboundRuntime } from '../testing/inbound-bench.ts';
import type { Asked, Question } from './ports.ts';

let store: Awaited<ReturnType<typeof fileDatabase>>;
beforeAll(async () => {
  store = await fileDatabase();
});
afterAll(() => store.drop());

const conversations = ['a', 'b', 'c'] as const;
const points = ['asked', 'answered', 'telling'] as const;

/** Messages as they come: each some times over, in any order, several at once; and deaths at steps of the handling. */
const story = fc
  .array(
    fc.record({ conversation: fc.constantFrom(...conversations), times: fc.integer({ min: 1, max: 3 }) }),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .chain((messages) => {
    const copies = messages.flatMap(({ conversation, times }, n) =>
      Array.from({ length: times }, () => ({ id: `${conversation}${n}`, conversation })),
    );
    return fc.record({
      copies: fc.shuffledSubarray(copies, { minLength: copies.length, maxLength: copies.length }),
      atOnce: fc.integer({ min: 1, max: 5 }),
      deaths: fc.array(
        fc.record({ point: fc.constantFrom(...points), nth: fc.integer({ min: 1, max: 4 }) }),
        // A death may cost a message two attempts, the one in hand and a claim on its way; after five it is set aside.
        { maxLength: 2 },
      ),
    });
  });

test('whatever comes twice, out of order, at once or to runtimes that die: each message is handled once, in the order of its conversation (daemon defect W71)', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ copies, atOnce, deaths }) => {
      const bench = await inboundBench(store.database);
      const asking = new Asking(deaths.map((death) => ({ ...death })));
      const runtimes = [asking.start(bench), asking.start(bench)];
      for (let at = 0; at < copies.length; at += atOnce) {
        const batch = copies.slice(at, at + atOnce);
        await Promise.all(
          batch.map(({ id, conversation }) => bench.door().accept(arrival(id, { conversation }))),
        );
      }
      const dead: InboundRuntime[] = [];
      await bench.until(async () => {
        for (const [n, runtime] of runtimes.entries()) {
          if (!runtime.isDead) continue;
          dead.push(runtime);
          runtimes[n] = asking.start(bench);
        }
        await bench.passTime(dead);
        expect(new Set((await bench.rows()).map(({ state }) => state))).toEqual(new Set(['answered']));
      });
      const rows = await bench.rows();
      expect(rows.map(({ providerId }) => providerId).sort()).toEqual(
        [...new Set(copies.map(({ id }) => id))].sort(),
      );
      const told = await bench.told();
      for (const conversation of conversations) {
        const said = rows
          .filter((row) => row.conversation === conversation)
          .map(({ providerId }) => providerId);
        const answers = told.filter(({ thread }) => thread === `conversation:slack:${conversation}`);
        expect(answers.map(({ body }) => body)).toEqual(said.map((id) => `re: say ${id}`));
        expect(asking.begunIn(said)).toEqual(said);
      }
      const handled = await bench.events('kora.message.handled');
      expect(new Set(handled.map(({ inbound_id: id }) => id))).toEqual(
        new Set(rows.map(({ inboundId }) => inboundId)),
      );
      expect(handled).toHaveLength(rows.length);
      expect(asking.twoAtOnce).toBe(false);
      await Promise.all(runtimes.map((runtime) => runtime.stop()));
    }),
    { numRuns: 15, endOnFailure: true },
  );
}, 120_000);

/** Whoever thinks, answering each key once; runtimes die where the story says so. */
class Asking {
  readonly #deaths: { readonly point: (typeof points)[number]; nth: number }[];
  readonly #answers = new Map<string, Asked>();
  readonly #begun: string[] = [];
  readonly #under = new Map<string, InboundRuntime>();
  twoAtOnce = false;

  constructor(deaths: { readonly point: (typeof points)[number]; nth: number }[]) {
    this.#deaths = deaths;
  }

  start(bench: InboundBench): InboundRuntime {
    return bench.start({
      ask: async (question, _signal, runtime) => this.#ask(question, runtime),
      tells: (runtime) => this.#maybeDies('telling', runtime),
    });
  }

  /** In which order questions of these messages were first begun. */
  begunIn(ids: readonly string[]): string[] {
    return [...new Set(this.#begun)].filter((id) => ids.includes(id));
  }

  async #ask({ text, key, thread }: Question, runtime: InboundRuntime): Promise<Asked> {
    const id = text.replace('say ', '');
    this.#begun.push(id);
    const other = this.#under.get(thread);
    if (other !== undefined && !other.isDead) this.twoAtOnce = true;
    this.#under.set(thread, runtime);
    this.#maybeDies('asked', runtime);
    await new Promise((resolve) => setImmediate(resolve));
    const answer = this.#answers.get(key) ?? {
      kind: 'answer',
      by: 'engine',
      text: `re: ${text}`,
      runId: key,
    };
    this.#answers.set(key, answer);
    this.#under.delete(thread);
    this.#maybeDies('answered', runtime);
    return answer;
  }

  #maybeDies(point: (typeof points)[number], runtime: InboundRuntime): void {
    const [next] = this.#deaths;
    if (next?.point !== point || runtime.isDead) return;
    next.nth -= 1;
    if (next.nth > 0) return;
    this.#deaths.shift();
    runtime.die();
    throw new Error('killed');
  }
}
