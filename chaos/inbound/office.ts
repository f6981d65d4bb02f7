import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { json } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';

interface Letter {
  readonly id: string;
  readonly conversation: string;
}

export interface Told {
  readonly key: string;
  readonly conversation: string | null;
  readonly body: string;
}

const window = 60;
const atOnce = 20;
/** So many of those that were heard are given out again all the same. */
const again = 0.15;

/**
 * A provider that outlives every runtime: it gives out letters in any order, the same again until somebody says that it
 * was heard, and now and then also after that; and it writes down what it is told.
 */
export class Office {
  readonly #server: Server;
  readonly #random: () => number;
  readonly #open = new Map<string, Letter>();
  readonly #heard: Letter[] = [];
  readonly #told: Told[] = [];
  /** Letters handed out. */
  given = 0;

  constructor(random: () => number) {
    this.#random = random;
    this.#server = createServer((request, response) => {
      void json(request).then(
        (body) => response.end(JSON.stringify(this.#answer(request.url ?? '', body))),
        () => response.writeHead(400).end(),
      );
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  post(letter: Letter): void {
    this.#open.set(letter.id, letter);
  }

  get left(): number {
    return this.#open.size;
  }

  get heard(): ReadonlySet<string> {
    return new Set(this.#heard.map(({ id }) => id));
  }

  get told(): readonly Told[] {
    return this.#told;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(path: string, body: unknown): unknown {
    if (path === '/letters') return this.#give();
    if (path === '/heard') return this.#hear((body as { readonly id: string }).id);
    this.#told.push(body as Told);
    return { receipt: `post:${(body as Told).key}` };
  }

  #give(): Letter[] {
    const near = [...this.#open.values()].slice(0, window);
    const given: Letter[] = [];
    while (near.length > 0 && given.length < atOnce)
      given.push(...near.splice(Math.floor(this.#random() * near.length), 1));
    const repeated = given.flatMap((letter) => {
      if (this.#random() >= again) return [];
      const other = this.#heard[Math.floor(this.#random() * this.#heard.length)];
      return other === undefined ? [letter] : [letter, other];
    });
    given.push(...repeated);
    this.given += given.length;
    return given;
  }

  #hear(id: string): object {
    const letter = this.#open.get(id);
    if (letter !== undefined) {
      this.#open.delete(id);
      this.#heard.push(letter);
    }
    return {};
  }
}
