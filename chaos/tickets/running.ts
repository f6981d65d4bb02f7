import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import type { SessionOptions } from '../../packages/runtime/src/ticket/index.ts';
import { until } from '../../e2e/harness/wait.ts';
import type { PlantedBug } from './planted.ts';
import type { Fate, Verdicts } from './points.ts';

/** What a worker is started for. */
export interface Job {
  readonly connection: pg.ClientConfig;
  readonly workspaceId: number;
  /** One home's runtime, however often it is started: it takes over at once what its own dead process held. */
  readonly runtimeId: string;
  /** Port of the scribe. */
  readonly world: number;
  readonly times?: NonNullable<SessionOptions['times']>;
  readonly planted?: PlantedBug;
}

export type Struck = Fate & { readonly signal: 'SIGKILL' | 'SIGSTOP' };

export type Order =
  | { readonly do: 'begin'; readonly fate?: Struck }
  | { readonly do: 'strike'; readonly fate: Struck }
  | { readonly do: 'leap'; readonly wallMs: number; readonly monotonicMs: number }
  | { readonly do: 'figures' };

export type Figures = Verdicts & { readonly note: number; readonly operation: number };

const program = fileURLToPath(new URL('./hand.ts', import.meta.url));
const birthMs = 60_000;

/** A worker with a pid of its own. */
export class RunningHand {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #lines: string[] = [];

  constructor(job: Job, cache: string) {
    const args = ['--conditions=@kora/source', '--disable-warning=ExperimentalWarning', program];
    const child = spawn(process.execPath, [...args, JSON.stringify(job)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      // A thousand of them start: what the first one made of the sources serves the others.
      env: { ...process.env, NODE_COMPILE_CACHE: cache },
    });
    child.stdin.on('error', () => undefined); // it was killed
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('exit', () => resolve()));
    createInterface({ input: child.stdout }).on('line', (line) => this.#lines.push(line));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves when its process is gone. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Where it struck itself. */
  get struckAt(): string | undefined {
    return this.#lines.findLast((line) => line.startsWith('strike '))?.slice('strike '.length);
  }

  get errors(): string[] {
    return this.#lines.filter((line) => line.startsWith('error '));
  }

  /** When it has loaded everything and may begin at once. */
  standsBy(): Promise<unknown> {
    return until('a worker to stand by', () => this.#said('standing by'), birthMs);
  }

  begin(fate?: Struck): void {
    this.#say({ do: 'begin', ...(fate === undefined ? {} : { fate }) });
  }

  /** Begins and waits until it works. */
  async atWork(): Promise<void> {
    await this.standsBy();
    this.begin();
    await this.up();
    if (!this.isUp) throw new Error(`the worker ended: ${this.#lines.slice(-5).join('; ')}`);
  }

  /** Resolves when it works, or is dead already. */
  async up(): Promise<void> {
    await until('a worker to be up', () => this.isUp || !this.isAlive, birthMs);
  }

  get isUp(): boolean {
    return this.#lines.some((line) => line.startsWith('up '));
  }

  strike(fate: Struck): void {
    this.#say({ do: 'strike', fate });
  }

  leap(wallMs: number, monotonicMs: number): void {
    this.#say({ do: 'leap', wallMs, monotonicMs });
  }

  /** How its writes were answered so far. */
  async figures(): Promise<Figures> {
    const asked = this.#lines.length;
    this.#say({ do: 'figures' });
    const line = await until('the figures of a worker', () =>
      this.#lines.slice(asked).find((one) => one.startsWith('figures ')),
    );
    return JSON.parse(line.slice('figures '.length)) as Figures;
  }

  signal(name: NodeJS.Signals): void {
    if (this.isAlive) this.#child.kill(name);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.#ended;
  }

  /** Whether the system has stopped it. */
  get isFrozen(): boolean {
    const stat = readFileSync(`/proc/${this.pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
  }

  #said(words: string): boolean {
    if (!this.isAlive) throw new Error(`the worker ended: ${this.#lines.slice(-5).join('; ')}`);
    return this.#lines.some((line) => line.startsWith(words));
  }

  #say(order: Order): void {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
  }
}
