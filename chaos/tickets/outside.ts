import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** One thing that a worker told the world: `begin` an attempt, an `effect`, or a `look` whether one happened. */
export interface Told {
  readonly what: 'begin' | 'effect' | 'look';
  readonly ticket: number;
  readonly fence: number;
  /** The process that said it. */
  readonly pid: number;
  readonly runtime: string;
  /** Of an effect: the key that it was sent under, and what its tool promises. */
  readonly key?: string;
  readonly effects?: 'plain' | 'idempotent' | 'once';
}

/** A worker's line to the scribe. What is told has been written down when it resolves. */
export class Outside {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (happened: boolean) => void>();
  #n = 0;

  constructor(port: number) {
    this.#socket = createConnection({ port, host: '127.0.0.1', noDelay: true });
    createInterface({ input: this.#socket }).on('line', (line) => {
      const { n, happened } = JSON.parse(line) as { readonly n: number; readonly happened: boolean };
      this.#waiting.get(n)?.(happened);
      this.#waiting.delete(n);
    });
  }

  tell(told: Omit<Told, 'pid'>): Promise<boolean> {
    this.#n += 1;
    const n = this.#n;
    this.#socket.write(`${JSON.stringify({ n, ...told, pid: process.pid })}\n`);
    return new Promise((resolve) => {
      this.#waiting.set(n, resolve);
    });
  }
}
