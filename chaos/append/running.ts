import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from '../../e2e/harness/wait.ts';
import type { StoreName } from './stores.ts';

/** Bugs that a judge must find. */
export const planted = ['acknowledged-early', 'appended-twice', 'reacted-outside'] as const;
export type Planted = (typeof planted)[number];

export interface AppenderOptions {
  readonly name: StoreName;
  /** Part of every key, so that no two rounds use one. */
  readonly round: number;
  /** Where acknowledgements are written as they are heard. */
  readonly log: string;
  readonly planted?: Planted;
  readonly env?: Readonly<Record<string, string>>;
}

const program = fileURLToPath(new URL('./appender.ts', import.meta.url));
const birthMs = 60_000;

/** An appender with a pid of its own, at work. */
export class RunningAppender {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #reading: Promise<void>;
  readonly #log: string;
  readonly #complaints: string[] = [];
  #up = false;
  #counting = true;
  #heard = 0;

  private constructor({ name, round, log, planted: bug, env = {} }: AppenderOptions) {
    const args = ['--conditions=@kora/source', '--disable-warning=ExperimentalWarning', program];
    const child = spawn(process.execPath, [...args, JSON.stringify(name), String(round), bug ?? ''], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    this.#child = child;
    this.#log = log;
    this.#ended = new Promise((resolve) => child.once('exit', () => resolve()));
    this.#reading = this.#listen(createInterface({ input: child.stdout }));
  }

  /** Resolves once an event was acknowledged: a blow that meets no work proves nothing. */
  static async start(options: AppenderOptions): Promise<RunningAppender> {
    const running = new RunningAppender(options);
    const { round } = options;
    await until(`round ${round} to be at work`, () => running.atWork(), birthMs);
    return running;
  }

  /** Acknowledgements that count. */
  get heard(): number {
    return this.#heard;
  }

  atWork(): boolean {
    const { exitCode } = this.#child;
    if (exitCode === null) return this.#up && this.#heard > 0;
    throw new Error(`the appender ended with ${exitCode}: ${this.#complaints.join('; ')}`);
  }

  /** What is acknowledged from now on may be lost. */
  stopCounting(): void {
    this.#counting = false;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
    await this.#reading;
  }

  async #listen(lines: AsyncIterable<string>): Promise<void> {
    for await (const line of lines) {
      if (line === 'up') this.#up = true;
      else if (!line.startsWith('ack ')) this.#complaints.push(line);
      else if (this.#counting) {
        this.#heard += 1;
        appendFileSync(this.#log, `${line.slice(4)}\n`);
      }
    }
  }
}
