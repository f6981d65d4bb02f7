import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import pg from 'pg';
import { onTestFinished } from 'vitest';

/** Startup parameters that a pooler can keep track of. Any other is refused, as pgbouncer does. */
const known = new Set(['user', 'database', 'application_name', 'client_encoding']);
const sslRequest = 80_877_103;
const cancelRequest = 80_877_102;

interface Backend {
  readonly stream: Socket;
  guest: Guest | undefined;
}

/**
 * A pooler in transaction mode, as plain as it can be: whoever asks has a server's session until that is outside of a
 * transaction again, and the next time the one that has rested longest, which is another one. Sessions are opened with
 * the given login; whoever comes is let in.
 */
export class TransactionPooler {
  readonly #server: Server;
  readonly #disguised: boolean;
  readonly #idle: Backend[] = [];
  readonly #waiting: ((backend: Backend) => void)[] = [];
  readonly #clients = new Set<Socket>();
  readonly #logins: pg.Client[] = [];

  /** One that is `disguised` shows its clients the process id of a session, as if that were theirs alone. */
  static async open(
    upstream: pg.ClientConfig,
    sessions: number,
    options: { readonly disguised?: boolean } = {},
  ): Promise<TransactionPooler> {
    const pooler = new TransactionPooler(options.disguised === true);
    onTestFinished(() => pooler.close());
    for (let n = 0; n < sessions; n += 1) await pooler.#raise(upstream);
    await new Promise<void>((resolve) => {
      pooler.#server.listen(0, '127.0.0.1', resolve);
    });
    return pooler;
  }

  private constructor(disguised: boolean) {
    this.#disguised = disguised;
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#clients.add(socket);
      const guest = new Guest(socket, this);
      socket.on('data', (data) => guest.take(data));
      socket.on('error', () => undefined); // 'close' follows
      socket.on('close', () => this.#clients.delete(socket));
    });
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Where to cancel, as a client is told: a process id and a secret. */
  get key(): Buffer {
    const key = Buffer.alloc(8);
    const [login] = this.#logins;
    if (this.#disguised && login !== undefined) key.writeInt32BE(Number(Reflect.get(login, 'processID')));
    return key;
  }

  borrow(): Promise<Backend> {
    const backend = this.#idle.shift();
    return backend === undefined
      ? new Promise((resolve) => {
          this.#waiting.push(resolve);
        })
      : Promise.resolve(backend);
  }

  giveBack(backend: Backend): void {
    backend.guest = undefined;
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(backend);
    else next(backend);
  }

  async close(): Promise<void> {
    for (const socket of this.#clients) socket.destroy();
    for (const login of this.#logins) login.connection.stream.destroy();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  /** The driver logs in; then its socket is ours. */
  async #raise(upstream: pg.ClientConfig): Promise<void> {
    const login = new pg.Client({ ...upstream, application_name: 'pooled' });
    login.on('error', () => undefined);
    await login.connect();
    this.#logins.push(login);
    const stream = login.connection.stream as Socket;
    stream.removeAllListeners('data');
    const backend: Backend = { stream, guest: undefined };
    const messages = new Messages((type, message) => {
      // What comes while nobody has the session, a notification say, is lost: that is the point.
      const { guest } = backend;
      guest?.answer(message);
      // ReadyForQuery, idle: the transaction has ended.
      if (type === 'Z') guest?.ready(message.at(5) === 0x49);
    });
    stream.on('data', (data) => messages.take(data));
    this.#idle.push(backend);
  }
}

/** One client of the pooler. */
class Guest {
  readonly #socket: Socket;
  readonly #pooler: TransactionPooler;
  readonly #messages: Messages;
  #greeted = false;
  #backend: Promise<Backend> | undefined;
  /** Questions that are to be followed by a ReadyForQuery. */
  #unanswered = 0;

  constructor(socket: Socket, pooler: TransactionPooler) {
    this.#socket = socket;
    this.#pooler = pooler;
    this.#messages = new Messages((type, message) => this.#forward(type, message));
  }

  take(data: Buffer): void {
    if (this.#greeted) this.#messages.take(data);
    else this.#greet(data);
  }

  answer(message: Buffer): void {
    this.#socket.write(message);
  }

  /** Whoever has sent the next question already, as a client may that heard of an error, keeps the session for it. */
  ready(isIdle: boolean): void {
    this.#unanswered -= 1;
    if (isIdle && this.#unanswered === 0) this.#leave();
  }

  #leave(): void {
    const backend = this.#backend;
    this.#backend = undefined;
    void backend?.then((it) => this.#pooler.giveBack(it));
  }

  #greet(data: Buffer): void {
    const code = data.readInt32BE(4);
    if (code === sslRequest) return void this.#socket.write('N');
    if (code === cancelRequest) return void this.#socket.destroy();
    const words = data.subarray(8).toString().split('\0');
    const unknown = words.find((word, at) => at % 2 === 0 && word !== '' && !known.has(word));
    if (unknown !== undefined) {
      const text = `SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: ${unknown}\0\0`;
      return void this.#socket.end(message('E', Buffer.from(text)));
    }
    this.#greeted = true;
    this.#socket.write(
      Buffer.concat([
        message('R', Buffer.alloc(4)),
        message('S', Buffer.from('server_version\x0018.0\0')),
        message('K', this.#pooler.key),
        message('Z', Buffer.from('I')),
      ]),
    );
  }

  #forward(type: string, sent: Buffer): void {
    if (type === 'X') return void this.#socket.end();
    // Sync, and the simple query.
    if (type === 'S' || type === 'Q') this.#unanswered += 1;
    this.#backend ??= this.#pooler.borrow().then((backend) => {
      backend.guest = this;
      return backend;
    });
    void this.#backend.then(({ stream }) => stream.write(sent));
  }
}

/** Cuts a stream into messages: a letter, a length, the rest. */
class Messages {
  readonly #each: (type: string, message: Buffer) => void;
  #rest = Buffer.alloc(0);

  constructor(each: (type: string, message: Buffer) => void) {
    this.#each = each;
  }

  take(data: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, data]);
    while (this.#rest.length >= 5) {
      const length = 1 + this.#rest.readInt32BE(1);
      if (this.#rest.length < length) return;
      const whole = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      this.#each(String.fromCharCode(whole[0] ?? 0), whole);
    }
  }
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 0);
  head.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
}
