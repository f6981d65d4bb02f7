import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { kill } from './processes.ts';
import { until } from './wait.ts';

const lastWordsMs = 500;

export interface ChildOptions {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Default this Node. */
  readonly command?: string;
  /** Runs it as another user; only root may. */
  readonly uid?: number;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process in a group of its own, as a shell starts one, with everything it prints. */
export class Child {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';
  #end: Ended | undefined;

  constructor({ command = process.execPath, args, cwd, env, uid }: ChildOptions) {
    const child = spawn(command, args, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        const closed = new Promise((read) => child.once('close', read));
        // Its last words may still be in the pipe; and somebody further down may hold the pipe open for ever.
        void Promise.race([closed, sleep(lastWordsMs)]).then(() => {
          this.#end = { code, signal, stdout: this.#stdout, stderr: this.#stderr };
          resolve(this.#end);
        });
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** How it ended, if it has. */
  get end(): Ended | undefined {
    return this.#end;
  }

  /** What a terminal does with Ctrl-C: every process of the group hears it. */
  signalGroup(signal: NodeJS.Signals): void {
    kill(-this.pid, signal);
  }

  /** To this process alone. */
  signal(signal: NodeJS.Signals): void {
    kill(this.pid, signal);
  }

  /** Waits for words on stderr. */
  async said(words: RegExp, limitMs?: number): Promise<void> {
    const heard = (): boolean => {
      if (words.test(this.#stderr)) return true;
      throw new Error(`stderr has only:\n${this.#stderr}`);
    };
    await until(`${String(words)} on stderr`, heard, limitMs);
  }
}
