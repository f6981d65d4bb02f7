import type { PastToolCall } from '@kora/runtime/plugin';
import { Changes } from './cadence.ts';
import { normalInput } from './input.ts';
import { scalarsOf } from './scalars.ts';
import type { Scalar } from './scalars.ts';

/** Different inputs of one tool that are told apart; a tool that is asked more is asked ever new things. */
const mostInputs = 256;
/** Runs that are kept of one question, the newest, and in all. */
const mostRuns = 64;
const mostRunsInAll = 20_000;
/** Answers that are read whole; of what comes after them every sixteenth. */
const readWhole = 2_000;
const thenEvery = 16;
/** Different values of a text that still looks like one of a few words. */
const fewWords = 8;

/** What is known of one field of the answers. */
interface Field {
  readonly type: 'number' | 'string' | 'boolean';
  /** Answers it stood in, all of one type. */
  seen: number;
  isMixed: boolean;
  readonly changes: Changes;
  /** Of a text; more than a few are not kept. */
  readonly words: Set<Scalar>;
}

/** One tool, asked the same again and again. */
export class Asked {
  readonly tool: string;
  readonly input: string;
  count = 0;
  /** Answers that were read. */
  read = 0;
  readonly fields = new Map<string, Field>();
  /** The newest runs that asked it, with what they were told. */
  readonly runs = new Map<string, ReadonlyMap<string, Scalar>>();

  constructor(tool: string, input: string) {
    this.tool = tool;
    this.input = input;
  }

  add({ runId, at, text }: PastToolCall, mayKeep: () => boolean): void {
    this.count += 1;
    if (this.read >= readWhole && this.count % thenEvery !== 0) return;
    this.read += 1;
    const scalars = scalarsOf(text);
    for (const [path, value] of scalars) this.#saw(path, value, Date.parse(at));
    const [oldest] = this.runs.keys();
    if (this.runs.size >= mostRuns && oldest !== undefined) this.runs.delete(oldest);
    else if (!mayKeep()) return;
    this.runs.set(runId, scalars);
  }

  #saw(path: string, value: Scalar, atMs: number): void {
    const type = typeof value as Field['type'];
    const known = this.fields.get(path);
    const field = known ?? { type, seen: 0, isMixed: false, changes: new Changes(), words: new Set() };
    if (known === undefined) this.fields.set(path, field);
    field.seen += 1;
    field.isMixed ||= field.type !== type;
    if (type === 'string' && field.words.size <= fewWords) field.words.add(value);
    field.changes.saw(value, atMs);
  }
}

/** Every field stood in every answer, with one type; a text only where it is one of a few words: prose is no value. */
export function steadyFields({ fields, read }: Asked): (readonly [string, Field])[] {
  return [...fields]
    .filter(([, { seen, isMixed, words }]) => seen === read && !isMixed && words.size <= fewWords)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
}

/** What is asked of the tools that may be asked about, in bounded memory however much there is. */
export class Questions {
  readonly #tools: ReadonlySet<string>;
  readonly #asked = new Map<string, Map<string, Asked>>();
  readonly #calls = new Map<string, number>();
  #kept = 0;

  constructor(tools: Iterable<string>) {
    this.#tools = new Set(tools);
  }

  add(call: PastToolCall): void {
    if (!call.ok || !this.#tools.has(call.tool)) return;
    this.#calls.set(call.tool, (this.#calls.get(call.tool) ?? 0) + 1);
    const input = normalInput(call.input);
    if (input === null) return;
    const asked = this.#of(call.tool, input);
    asked?.add(call, () => this.#kept < mostRunsInAll && (this.#kept += 1) > 0);
  }

  /** What was asked often, and often enough of all that the tool was asked; the most asked first. */
  often({ minAsked, minShare }: { readonly minAsked: number; readonly minShare: number }): readonly Asked[] {
    return [...this.#asked.values()]
      .flatMap((inputs) => [...inputs.values()])
      .filter(({ tool, count }) => count >= minAsked && count >= minShare * (this.#calls.get(tool) ?? 0))
      .toSorted(
        (one, other) => other.count - one.count || (one.tool + one.input < other.tool + other.input ? -1 : 1),
      );
  }

  #of(tool: string, input: string): Asked | undefined {
    const inputs = this.#asked.get(tool) ?? new Map<string, Asked>();
    this.#asked.set(tool, inputs);
    const known = inputs.get(input);
    if (known !== undefined || inputs.size >= mostInputs) return known;
    const asked = new Asked(tool, input);
    inputs.set(input, asked);
    return asked;
  }
}
