import type pg from 'pg';
import { messageOf } from '../fault/index.ts';
import { codeOf } from './errors.ts';
import type { Lease } from './lease.ts';
import { timed } from './limits.ts';

const unknownStatement = '26000';
const knownStatement = '42P05';
const notSupported = '0A000';
/** A server that lets one connect answers this at once. */
const meetingMs = 5_000;

/**
 * Which connections may keep plans under names. A plan belongs to a server's session, and behind a pooler the next
 * statement may meet another one: there, and in PGlite, where all connections share one session, names are not used.
 */
export class PreparedNames {
  readonly #direct = new WeakSet<pg.ClientBase>();
  #off: boolean;

  constructor(options: { readonly off: boolean }) {
    this.#off = options.off;
  }

  /** Finds out who is at the other end: a pooler shows a process id of its own making. One round trip a connection. */
  async meet(client: pg.ClientBase): Promise<void> {
    if (this.#off) return;
    // Nobody holds it yet: an error that finds no handler would end the process. The question rejects as well.
    const unheard = (): undefined => undefined;
    client.on('error', unheard);
    try {
      const { rows } = await client.query<{ pid: number }>(
        timed('select pg_backend_pid() as pid', [], meetingMs),
      );
      if (rows[0]?.pid === processIdOf(client)) this.#direct.add(client);
    } finally {
      client.off('error', unheard);
    }
  }

  /** The name as it may be used on this connection. */
  on(client: pg.ClientBase, name: string | undefined): string | undefined {
    return !this.#off && this.#direct.has(client) ? name : undefined;
  }

  /**
   * Whether the statement failed by its name alone, before anything of it ran: somebody hides that sessions change, or a
   * migration has changed what the kept plan answers with. From then on it is planned anew.
   */
  failed(error: unknown, lease: Lease): boolean {
    const code = codeOf(error);
    if (code === unknownStatement || code === knownStatement) {
      this.#off = true;
      return true;
    }
    if (code === notSupported && messageOf(error).includes('cached plan')) {
      lease.spoil(error);
      return true;
    }
    return false;
  }
}

function processIdOf(client: pg.ClientBase): unknown {
  // The driver keeps it for cancelling; its types do not know it.
  return Reflect.get(client, 'processID');
}
