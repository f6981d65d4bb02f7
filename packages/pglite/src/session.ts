import { Answer } from './answer.ts';
import type { Backend } from './backend.ts';
import type { Client } from './client.ts';
import { PgliteError } from './errors.ts';
import { Turns } from './turns.ts';
import { query, textAt } from './wire.ts';

/** What changes the session for whoever comes next, as its answer and its text say. Local settings end by themselves. */
const changesByTag = /^(?:SET|RESET|DISCARD)/;
const changesByText = /(?:^|[;\0])\s*(?:set(?!\s+(?:local|transaction)\b)|reset|discard)\b/i;

/**
 * PGlite's one session, shared by all connections in turns. Whatever a turn left in it (settings) is taken back before
 * another connection's turn; whatever outlives a turn by nature (LISTEN, named statements) is kept apart by connection.
 */
export class Session {
  readonly turns = new Turns();
  readonly version: string;
  /** Grows with every batch that ran: whether there is anything to keep up. */
  runs = 0;
  #backend: Backend;
  readonly #clients: ReadonlySet<Client>;
  #last: Client | undefined;
  #isChanged = false;

  constructor(backend: Backend, options: { version: string; clients: ReadonlySet<Client> }) {
    this.#backend = backend;
    this.version = options.version;
    this.#clients = options.clients;
  }

  /** Goes on in another PGlite over the same rows. */
  replace(backend: Backend): void {
    this.#backend = backend;
    this.#isChanged = false;
  }

  /** One batch for a client whose turn it is. `out` gets what goes to it, and tells when that is taken. */
  async run(
    client: Client,
    batch: Buffer,
    dropCopyIn: boolean,
    out: (pieces: readonly Buffer[], taken: () => void) => Promise<void>,
  ): Promise<Answer> {
    if (this.#isChanged && this.#last !== client) await this.#reset();
    this.#last = client;
    this.runs += 1;
    const answer = new Answer({
      dropCopyIn,
      onNotification: (message) => {
        for (const one of this.#clients) if (one.isListening) one.tell(message);
      },
    });
    // In order: a piece that waits for the client holds up the ones behind it.
    let passed = Promise.resolve();
    await this.#backend.run(batch, (bytes, taken) => {
      const pieces = answer.read(bytes);
      passed = passed.then(() => out(pieces, taken));
    });
    await passed;
    if (answer.tags.some((tag) => changesByTag.test(tag)) && changesByText.test(batch.toString('latin1', 5)))
      this.#isChanged = true;
    return answer;
  }

  /** Something of our own in the turn of a client that goes. */
  async tidy(client: Client, batch: Buffer): Promise<Answer> {
    return await this.run(client, batch, false, nobody);
  }

  /** What a client that goes leaves behind: named statements, and perhaps the last LISTEN. */
  async forget(client: Client): Promise<void> {
    client.isListening = false;
    if (client.names.hasSome) {
      const found = await this.#column(
        `select name from pg_prepared_statements where starts_with(name, '${client.names.prefix}')`,
      );
      for (const name of found) await this.tidy(client, query(`deallocate "${name.replaceAll('"', '""')}"`));
    }
    if ([...this.#clients].every(({ isListening }) => !isListening))
      await this.tidy(client, query('unlisten *'));
  }

  /** Asks something of our own, in a turn of its own; the first column of the answer. */
  async ask(sql: string): Promise<string[]> {
    await this.turns.take(0);
    try {
      return await this.#column(sql);
    } finally {
      this.turns.pass();
    }
  }

  async #reset(): Promise<void> {
    this.#isChanged = false;
    await this.#backend.run(query('reset session authorization; reset all'), (_bytes, taken) => taken());
  }

  async #column(sql: string): Promise<string[]> {
    return await askColumn(this.#backend, sql);
  }
}

/** Runs one statement straight in the backend and gives the first column of its rows; throws PostgreSQL's own words. */
export async function askColumn(backend: Backend, sql: string): Promise<string[]> {
  const pieces: Buffer[] = [];
  await backend.run(query(sql), (bytes, taken) => {
    pieces.push(bytes);
    taken();
  });
  const values: string[] = [];
  const bytes = Buffer.concat(pieces);
  for (let at = 0; at + 5 <= bytes.length; at += 1 + bytes.readInt32BE(at + 1)) {
    const body = bytes.subarray(at + 5, at + 1 + bytes.readInt32BE(at + 1));
    if (bytes[at] === 'E'.charCodeAt(0))
      throw new PgliteError('KORA_PGLITE_UPKEEP', wordsOf(body), 'start again');
    if (bytes[at] === 'D'.charCodeAt(0)) values.push(body.toString('utf8', 6, 6 + body.readInt32BE(2)));
  }
  return values;
}

/** The message among the fields of an error. */
function wordsOf(body: Buffer): string {
  for (let at = 0; body[at] !== undefined && body[at] !== 0; ) {
    const value = textAt(body, at + 1);
    if (body[at] === 'M'.charCodeAt(0)) return value;
    at += 2 + Buffer.byteLength(value);
  }
  return 'PGlite refused';
}

function nobody(_pieces: readonly Buffer[], taken: () => void): Promise<void> {
  taken();
  return Promise.resolve();
}
