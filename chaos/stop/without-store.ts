import { Database } from '../../e2e/harness/database.ts';
import { House } from '../../e2e/harness/house.ts';
import { Labour } from './labour.ts';
import { stopSilent } from './silent.ts';
import type { SilentFacts } from './silent.ts';

/** A home whose PostgreSQL is another house's: it can be stopped under a runtime in full swing. */
export class AwayStore implements AsyncDisposable {
  readonly house: House = new House();
  readonly #server: House = new House();
  #database: Database | undefined;
  #labour: Labour | undefined;

  get labour(): Labour {
    if (this.#labour === undefined) throw new Error('prepare it first');
    return this.#labour;
  }

  async prepare(eachKind: number): Promise<void> {
    await this.#server.up();
    this.#database = await Database.create(this.#server, 'elsewhere');
    await this.#database.open();
    this.#labour = new Labour(this.house, { KORA_DATABASE_URL: this.#database.url() });
    await this.#labour.prepare({ isTrusted: true });
    await this.#labour.raise();
    await this.#labour.begin(eachKind);
  }

  async stop(): Promise<void> {
    const { code, stderr } = await this.#server.kora('down');
    if (code !== 0) throw new Error(`the server did not stop: ${stderr}`);
    await this.#database?.close();
  }

  async start(): Promise<void> {
    await this.#server.up();
    await this.#database?.open();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // First who is connected through the port: it closes when nobody is.
    await this.house[Symbol.asyncDispose]();
    await this.#database?.[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}

export async function withoutStore(): Promise<SilentFacts> {
  await using away = new AwayStore();
  await away.prepare(2);
  await away.stop();
  return await stopSilent(away.labour);
}
