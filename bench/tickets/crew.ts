import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { HandSpec } from './contestant.ts';

/** What a hand is told; it answers under the same number. */
export interface Call {
  readonly number: number;
  readonly verb:
    | 'begin'
    | 'halt'
    | 'figures'
    | 'produce'
    | 'place'
    | 'profile'
    | 'profiled'
    | 'end'
    | 'close';
  readonly rate?: number;
  readonly seconds?: number;
  readonly seed?: number;
}

export interface Figures {
  /** Tickets whose handler was called. */
  readonly handled: number;
  readonly cpuSeconds: number;
  readonly rssMiB: number;
  /** Intended send to handler start, milliseconds, since it was last asked. */
  readonly latencies: readonly number[];
}

/** What comes back: an answer to a call, or something that the hand says by itself. */
interface Told {
  readonly number?: number;
  readonly answer?: unknown;
  readonly error?: string;
  readonly up?: boolean;
  readonly taken?: string;
  readonly answered?: string;
}

const program = fileURLToPath(new URL('./hand.ts', import.meta.url));
const silenceMs = 900_000;

/** A worker with a pid of its own. */
export class RunningHand {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #ended: Promise<void>;
  readonly #up = Promise.withResolvers<void>();
  readonly #taken = Promise.withResolvers<void>();
  readonly #answered = Promise.withResolvers<void>();
  #calls = 0;

  private constructor(spec: HandSpec, name: string) {
    const args = ['--conditions=@kora/source', '--disable-warning=ExperimentalWarning', program];
    const child = spawn(process.execPath, [...args, JSON.stringify(spec), name], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child = child;
    for (const { promise } of [this.#up, this.#taken, this.#answered]) promise.catch(() => undefined);
    child.on('message', (told: Told) => this.#told(told));
    this.#ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#over(new Error(`${name} ended with ${code ?? signal}`));
        resolve();
      });
    });
  }

  static async start(spec: HandSpec, name: string): Promise<RunningHand> {
    const hand = new RunningHand(spec, name);
    await hand.#up.promise;
    return hand;
  }

  /** Resolves when a handler holds its ticket. */
  get taken(): Promise<void> {
    return this.#taken.promise;
  }

  /** Resolves when a handler that stood still is about to answer. */
  get answered(): Promise<void> {
    return this.#answered.promise;
  }

  async ask(verb: Call['verb'], more: Omit<Call, 'number' | 'verb'> = {}): Promise<unknown> {
    this.#calls += 1;
    const number = this.#calls;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(number, waiting);
    this.#child.send({ number, verb, ...more } satisfies Call);
    const limit = setTimeout(() => waiting.reject(new Error(`no answer to ${verb}`)), silenceMs);
    try {
      return await waiting.promise;
    } finally {
      clearTimeout(limit);
    }
  }

  async figures(): Promise<Figures> {
    return (await this.ask('figures')) as Figures;
  }

  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  async close(): Promise<void> {
    await this.ask('close').catch(() => undefined);
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 15_000);
    await this.#ended;
    clearTimeout(late);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #told({ number, answer, error, up, taken, answered }: Told): void {
    if (up === true) this.#up.resolve();
    if (taken !== undefined) this.#taken.resolve();
    if (answered !== undefined) this.#answered.resolve();
    if (number === undefined) return;
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (error === undefined) waiting?.resolve(answer);
    else waiting?.reject(new Error(error));
  }

  #over(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    for (const { reject } of [this.#up, this.#taken, this.#answered]) reject(error);
  }
}

/** Some hands of one kind, all up. */
export async function crewOf(size: number, spec: HandSpec): Promise<RunningHand[]> {
  const hands: RunningHand[] = [];
  for (let at = 0; at < size; at += 1) hands.push(await RunningHand.start(spec, `hand-${at}`));
  return hands;
}

export async function all(hands: readonly RunningHand[], verb: Call['verb']): Promise<void> {
  await Promise.all(hands.map((hand) => hand.ask(verb)));
}
