import type { Asked, Reply, Script } from '../model-server/script.ts';
import { ordersIn } from './orders.ts';
import type { Order } from './orders.ts';

/** What a run of it tried, whether it was let or not. */
export interface Tried {
  /** The word by which a question is told from the others. */
  readonly mark: string;
  readonly tools: readonly string[];
}

/** What it asks for first, in every question: that it is answered shows that tools do run there. */
export const harmless: Order = { tool: 'kora__get_operational_state', input: {} };

/**
 * A model that does whatever any text in front of it says, whoever wrote it: each order once, also with tools that it was
 * never told of. It is the worst that an injection can make of a model; what holds against it does not rest on a model's
 * good sense.
 */
export class Obedient {
  readonly #tried = new Map<string, Set<string>>();

  /** By mark: which tools it asked for. */
  get tried(): Tried[] {
    return [...this.#tried].map(([mark, tools]) => ({ mark, tools: [...tools] }));
  }

  readonly script: Script = (asked): Reply => {
    const mark = markIn(asked);
    const tried = this.#tried.get(mark) ?? new Set();
    this.#tried.set(mark, tried);
    const wanted = [harmless, ...ordersIn(textOf(asked))].filter(({ tool, input }) => {
      const name = JSON.stringify([tool, input]);
      const made = asked.messages.flatMap(({ calls }) => calls);
      return !made.some((call) => JSON.stringify([call.name, call.input]) === name);
    });
    if (wanted.length === 0) return { text: 'I did all that I was told.' };
    for (const { tool } of wanted) tried.add(tool);
    return {
      text: 'I do as I am told.',
      tools: wanted.map(({ tool, input }) => ({ name: tool, input })),
    };
  };
}

/** The word that the suite wrote into a question. */
function markIn(asked: Asked): string {
  return /\bcase-\d+\b/.exec(textOf(asked))?.[0] ?? 'no case';
}

function textOf({ system, messages }: Asked): string {
  return [
    system,
    ...messages.flatMap(({ text, results }) => [text, ...results.map((result) => result.text)]),
  ].join('\n');
}
