import { once } from 'node:events';
import type { Socket } from 'node:net';
import { guarded, isCopyIn } from './copy-in.ts';
import { askPassword, firstWord, isPassword, welcome } from './greeting.ts';
import type { Session } from './session.ts';
import { StatementNames } from './statement-names.ts';
import { frame, type Frame, Frames, query, readyForQuery, refusal } from './wire.ts';

export interface ClientOptions {
  readonly id: number;
  readonly socket: Socket;
  readonly session: Session;
  readonly password: string;
}

/** How long a client waits for its turn, and holds it without a word, where it does not say itself. */
const defaults = { lock_timeout: 20_000, idle_in_transaction_session_timeout: 60_000 };

/** Parse, Bind, Describe, Execute, Close: parts of a batch that ends with Sync. */
const extended = new Set(['P', 'B', 'D', 'E', 'C']);
/** A Flush waits for the Sync that follows; rows after a COPY that failed are dropped, as PostgreSQL does. */
const ignored = new Set(['H', 'd', 'c', 'f']);

/** One connection: collects what belongs together, waits for its turn, and keeps it until its transaction ends. */
export class Client {
  readonly id: number;
  /** It said LISTEN once: it hears every notification, and drops those of other channels as any client does. */
  isListening = false;
  readonly names: StatementNames;
  readonly #socket: Socket;
  readonly #session: Session;
  readonly #password: string;
  readonly #frames = new Frames();
  #waitMs = defaults.lock_timeout;
  #idleMs = defaults.idle_in_transaction_session_timeout;
  #holdsTurn = false;
  /** Messages up to the next Sync, or the rows of a COPY up to its end. */
  #batch: Buffer[] = [];
  #copies = false;
  #idle: NodeJS.Timeout | undefined;

  constructor({ id, socket, session, password }: ClientOptions) {
    this.id = id;
    this.names = new StatementNames(id);
    this.#socket = socket;
    this.#session = session;
    this.#password = password;
  }

  /** Serves until either side ends it. Never throws: a client's misfortune is its own. */
  async serve(): Promise<void> {
    // Told through the iteration below; without a listener it would be the process's.
    this.#socket.on('error', () => undefined);
    try {
      await this.#talk();
    } catch {
      // A connection that broke, a client that spoke nonsense, a PGlite that is gone: nobody is left to tell.
    } finally {
      clearTimeout(this.#idle);
      this.#socket.destroySoon();
      await this.#leave();
    }
  }

  /** Something for this client out of its turn. */
  tell(message: Buffer): void {
    if (this.#socket.writable) this.#socket.write(message);
  }

  /** The server ends it. */
  dismiss(code: string, message: string): void {
    this.tell(refusal('FATAL', { code, message }));
    this.#socket.destroySoon();
  }

  async #talk(): Promise<void> {
    let state: 'new' | 'greeted' | 'in' = 'new';
    for await (const chunk of this.#socket.iterator({ destroyOnReturn: false })) {
      this.#frames.push(chunk as Buffer);
      for (;;) {
        const one = state === 'new' ? this.#frames.startup() : this.#frames.next();
        if (one === undefined) break;
        if (state === 'new') {
          const word = firstWord(one);
          if (word.kind === 'other') return;
          if (word.kind === 'encrypt') this.tell(Buffer.from('N'));
          else {
            this.#waitMs = millisecondsIn(word.parameters, 'lock_timeout');
            this.#idleMs = millisecondsIn(word.parameters, 'idle_in_transaction_session_timeout');
            this.tell(askPassword());
            state = 'greeted';
          }
        } else if (state === 'greeted') {
          if (!isPassword(one, this.#password)) {
            return this.dismiss('28P01', 'password authentication failed');
          }
          this.tell(welcome(this.#session.version, this.id));
          state = 'in';
        } else if (!(await this.#take(one))) return;
      }
    }
  }

  /** False when the client is done. */
  async #take(one: Frame): Promise<boolean> {
    if (one.type === 'X') return false;
    if (this.#copies) return await this.#collectRows(one);
    if (isCopyIn(one)) {
      // PGlite cannot stop in the middle of a statement to wait for rows: it gets them together with the statement.
      this.#copies = true;
      this.#batch = [one.bytes];
      this.tell(frame('G', Buffer.alloc(3)));
    } else if (one.type === 'Q' || one.type === 'S' || one.type === 'F') {
      await this.#run([...this.#batch, guarded(one).bytes], false);
    } else if (extended.has(one.type)) {
      this.#batch.push(this.names.rename(guarded(one)));
    } else if (!ignored.has(one.type)) {
      // PostgreSQL ends the session of a client that sends this, and here that is everybody's.
      this.dismiss('08P01', 'invalid frontend message type');
      return false;
    }
    return true;
  }

  async #collectRows(one: Frame): Promise<boolean> {
    if (one.type === 'H' || one.type === 'S') return true;
    this.#batch.push(one.bytes);
    if (one.type === 'd') return true;
    this.#copies = false;
    await this.#run(this.#batch, true);
    return true;
  }

  async #run(batch: readonly Buffer[], dropCopyIn: boolean): Promise<void> {
    this.#batch = [];
    clearTimeout(this.#idle);
    if (!this.#holdsTurn && !(await this.#begin())) return;
    const answer = await this.#session.run(this, Buffer.concat(batch), dropCopyIn, async (pieces, taken) => {
      await this.#pass(pieces);
      taken();
    });
    if (answer.tags.includes('LISTEN')) this.isListening = true;
    if (answer.status === 'I' || answer.status === undefined) this.#end();
    else if (this.#idleMs > 0) this.#idle = setTimeout(() => this.#tooQuiet(), this.#idleMs);
  }

  async #begin(): Promise<boolean> {
    this.#holdsTurn = await this.#session.turns.take(this.#waitMs);
    if (this.#holdsTurn) return true;
    const message = `canceling statement due to lock timeout: another connection held PGlite's one session for ${this.#waitMs} ms`;
    this.tell(Buffer.concat([refusal('ERROR', { code: '55P03', message }), readyForQuery('I')]));
    return false;
  }

  #end(): void {
    this.#holdsTurn = false;
    this.#session.turns.pass();
  }

  /** Rows go out as fast as the client takes them; one that is gone takes them all. */
  async #pass(pieces: readonly Buffer[]): Promise<void> {
    for (const piece of pieces) {
      if (!this.#socket.writable) return;
      if (this.#socket.write(piece)) continue;
      const over = new AbortController();
      const { signal } = over;
      await Promise.race([
        once(this.#socket, 'drain', { signal }),
        once(this.#socket, 'close', { signal }),
      ]).finally(() => over.abort());
    }
  }

  /** The turn is everybody's: a transaction that says nothing for so long is over, as it would be in PostgreSQL. */
  #tooQuiet(): void {
    this.dismiss('25P03', 'terminating connection due to idle-in-transaction timeout');
    this.#socket.destroy();
  }

  async #leave(): Promise<void> {
    try {
      if (this.#holdsTurn) await this.#session.tidy(this, query('rollback'));
      else if (this.names.hasSome || this.isListening) {
        this.#holdsTurn = await this.#session.turns.take(0);
      }
      if (this.#holdsTurn) await this.#session.forget(this);
    } catch {
      // PGlite itself is gone, and with it all that there was to tidy.
    } finally {
      if (this.#holdsTurn) this.#end();
    }
  }
}

/** PostgreSQL's settings in a startup message: a number alone counts milliseconds. */
function millisecondsIn(parameters: Map<string, string>, name: keyof typeof defaults): number {
  const value = Number(parameters.get(name));
  return parameters.has(name) && Number.isFinite(value) && value >= 0 ? value : defaults[name];
}
