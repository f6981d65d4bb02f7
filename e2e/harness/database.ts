import { readFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { House } from './house.ts';
import { freePort } from './ports.ts';
import { socketOf } from './store.ts';

/**
 * A PostgreSQL behind a port that can be opened and closed: the embedded server of a house that runs, an empty database
 * of its own in it, and a relay. What connects sees a server that is away until `open`.
 */
export class Database implements AsyncDisposable {
  readonly port: number;
  readonly #house: House;
  readonly #name: string;
  #relay: Server | undefined;

  private constructor(house: House, name: string, port: number) {
    this.#house = house;
    this.#name = name;
    this.port = port;
  }

  static async create(house: House, name: string): Promise<Database> {
    await using store = await house.store();
    await store.rows(`create database ${name}`);
    return new Database(house, name, await freePort());
  }

  url(password: string = this.#password()): string {
    return `postgres://kora:${encodeURIComponent(password)}@127.0.0.1:${this.port}/${this.#name}`;
  }

  async open(): Promise<void> {
    const socket = socketOf(this.#house.home);
    const relay = createServer((client) => {
      const server = connect(socket);
      // Either side may go at any time; then the other has no use.
      server.on('error', () => client.destroy()).on('close', () => client.destroy());
      client.on('error', () => server.destroy()).on('close', () => server.destroy());
      client.pipe(server).pipe(client);
    });
    this.#relay = relay;
    await new Promise<void>((resolve, reject) => {
      relay.once('error', reject).listen(this.port, '127.0.0.1', resolve);
    });
  }

  /** Resolves when nobody is connected any more. Opened again, it leads to the server that then runs. */
  async close(): Promise<void> {
    const relay = this.#relay;
    this.#relay = undefined;
    if (relay !== undefined) await new Promise((resolve) => relay.close(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #password(): string {
    return readFileSync(join(this.#house.home, 'postgres', 'password'), 'utf8').trim();
  }
}
