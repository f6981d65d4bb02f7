import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from './client.ts';
import { fromFileSystem } from './errors.ts';
import type { Session } from './session.ts';
import { makeSocketFolder, port, socketIn } from './socket-folder.ts';

const farewellMs = 100;

export interface Door {
  readonly host: string;
  readonly port: number;
  readonly password: string;
  /** Lets nobody in any more and sends everybody away; resolves when the last one's turn is over. */
  close(): Promise<void>;
}

/**
 * Where `pg` finds PGlite: a unix socket in a folder that only this user may enter, and where there are no such sockets
 * (Windows) a port of this machine alone. Both ask for the password.
 */
export async function openDoor(session: Session, clients: Set<Client>): Promise<Door> {
  const password = randomBytes(24).toString('base64url');
  const served = new Set<Promise<void>>();
  let lastId = 0;
  const server = createServer((socket) => {
    lastId += 1;
    socket.setNoDelay(true);
    const client = new Client({ id: lastId, socket, session, password });
    clients.add(client);
    const over = client.serve().finally(() => {
      clients.delete(client);
      served.delete(over);
    });
    served.add(over);
  });
  const folder = process.platform === 'win32' ? undefined : await makeSocketFolder();
  try {
    await listen(server, folder === undefined ? { host: '127.0.0.1', port: 0 } : { path: socketIn(folder) });
  } catch (error) {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    throw fromFileSystem(error, 'opening the socket', folder ?? '127.0.0.1');
  }
  const address = server.address();
  return {
    host: folder ?? '127.0.0.1',
    port: typeof address === 'object' && address !== null ? address.port : port,
    password,
    close: async () => {
      server.close();
      // Whoever has just said goodbye is let go in peace: its last word may still be on the way.
      await Promise.race([Promise.all(served), sleep(farewellMs, undefined, { ref: false })]);
      for (const client of clients) client.dismiss('57P01', 'terminating connection: the server stops');
      await Promise.all(served);
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

function listen(server: Server, where: { host: string; port: number } | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
