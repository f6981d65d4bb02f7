import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { text } from 'node:stream/consumers';

/** One line that arrived: when, and what it says. */
export interface OutsideLine {
  /** Milliseconds of the wall clock. */
  readonly at: number;
  readonly verb: string;
  readonly rest: string;
}

/** The world outside of a house, in the process of the test: it keeps what it is told and answers what it was given. */
export class Outside implements AsyncDisposable {
  readonly lines: OutsideLine[] = [];
  /** What is answered to `read NAME`. */
  readonly pages: Map<string, string> = new Map();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void text(request).then((line) => {
        const [verb = '', ...words] = line.split(' ');
        const rest = words.join(' ');
        this.lines.push({ at: Date.now(), verb, rest });
        response.end(verb === 'read' ? (this.pages.get(rest) ?? 'there is no such page') : 'it is done');
      });
    });
  }

  static async open(): Promise<Outside> {
    const opened = new Outside();
    opened.#server.listen(0, '127.0.0.1');
    await once(opened.#server, 'listening');
    return opened;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the world is closed');
    return `http://127.0.0.1:${address.port}/`;
  }

  /** What was said with this verb, oldest first. */
  said(verb: string): string[] {
    return this.lines.filter((line) => line.verb === verb).map(({ rest }) => rest);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await ended;
  }
}
