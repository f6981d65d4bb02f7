import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../clock/index.ts';
import { openHome } from '../home/index.ts';
import { createKoraClient, createWorkerClient } from '../http/client.ts';
import type { KoraClient } from '../http/client.ts';
import type { WorkerCalls } from '../http/worker/client.ts';
import { createKora } from '../kora.ts';
import type { Database } from '../store/index.ts';
import { fileDatabase } from '../store/testing/database.ts';

/** A runtime without plugins: whatever is worked is worked from elsewhere. */
export interface RemoteScene {
  readonly url: string;
  readonly home: string;
  readonly database: Database;
  readonly operator: KoraClient;
  /** The token of the home. */
  readonly token: string;
  /** A worker of that name with a token of its own. */
  worker(name: string, kinds?: readonly string[]): Promise<RemoteBench>;
  /** A ticket; of kind `mail` where nothing is said. */
  add(ticket?: Parameters<KoraClient['tickets']['add']>[0]): Promise<number>;
  /** The store's clock goes past the lease of whoever holds it. */
  lapse(ticketId: number): Promise<void>;
  close(): Promise<void>;
}

export interface RemoteBench {
  readonly token: string;
  readonly workerTokenId: number;
  readonly calls: WorkerCalls;
}

export async function remoteScene(): Promise<RemoteScene> {
  const { database, connection, drop } = await fileDatabase({ empty: true });
  const login = `${connection.user}:${encodeURIComponent(String(connection.password))}`;
  const place = `host=${encodeURIComponent(connection.host ?? '')}&port=${connection.port}`;
  const env = { KORA_DATABASE_URL: `postgres://${login}@/${connection.database}?${place}` };
  const home = mkdtempSync(join(tmpdir(), 'kora-test-'));
  const kora = await createKora({ home, cwd: home, env, port: 0, bundled: [] });
  const { url } = kora.ready;
  const { token } = await openHome(home, systemClock());
  const operator = createKoraClient({ url, token });
  return {
    url,
    home,
    database,
    operator,
    token,
    worker: async (name, kinds = ['mail']) => {
      const made = await operator.workers.add({ name, kinds: [...kinds], reason: 'a test' });
      return { ...made, calls: createWorkerClient({ url, token: made.token }) };
    },
    add: async (ticket = { kind: 'mail', title: 'a letter' }) =>
      (await operator.tickets.add(ticket)).ticketId,
    lapse: async (ticketId) => {
      await database.query(
        `update kora.session s set until = clock_timestamp() from kora.ticket_lease l
         where l.ticket_id = $1 and s.session_id = l.session_id`,
        [ticketId],
      );
    },
    close: async () => {
      await kora.stop('the test ends');
      await drop();
      chmodSync(home, 0o700);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

type Claimed = Awaited<ReturnType<WorkerCalls['claim']>>['tickets'][number];

/** Claims the one ticket that is ready. */
export async function claimOne(
  calls: WorkerCalls,
  wish: Parameters<WorkerCalls['claim']>[0] = {},
): Promise<Claimed> {
  const { tickets } = await calls.claim(wish);
  const [ticket] = tickets;
  return ticket !== undefined && tickets.length === 1
    ? ticket
    : assert.fail(`${tickets.length} tickets were claimed`);
}
