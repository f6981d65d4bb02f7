import { writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../clock/index.ts';
import { testFolder } from '../home/testing/folder.ts';
import { Line, openPool } from './index.ts';
import { selfSigned } from './testing/certificate.ts';
import { testDatabase } from './testing/database.ts';
import { secured } from './tls.ts';
import type { TlsSettings } from './tls.ts';

interface House {
  /** Its certificate, as its own authority. */
  readonly caFile: string;
  /** How many have come in plain text. */
  plain(): number;
  ask(settings: TlsSettings): Promise<unknown>;
  /** By a line of its own, with nothing but what a thread may be handed. */
  askApart(settings: TlsSettings): Promise<unknown>;
}

/** A PostgreSQL behind TLS, at 127.0.0.1, with a certificate for `db.example`. */
async function house(): Promise<House> {
  const { connection } = await testDatabase({ empty: true });
  const { key, cert } = selfSigned('db.example');
  const caFile = join(testFolder(), 'ca.pem');
  writeFileSync(caFile, cert);
  let plain = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined); // a client that does not like the certificate resets
    socket.once('data', (first) => {
      // SSLRequest is eight bytes; anything else is a login in the clear.
      if (first.length !== 8) {
        plain += 1;
        socket.destroy();
        return;
      }
      socket.write('S');
      const inner = new TLSSocket(socket, { isServer: true, key, cert });
      const upstream = createConnection(join(connection.host ?? '', `.s.PGSQL.${connection.port}`));
      for (const one of [inner, upstream]) one.on('error', () => undefined);
      inner.pipe(upstream).pipe(inner);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const url = `postgres://${connection.user}:${encodeURIComponent(String(connection.password))}@127.0.0.1:${port}/${connection.database}`;
  return {
    caFile,
    plain: () => plain,
    ask: async (settings) => {
      await using database = openPool({
        connection: secured(url, settings),
        server: { kind: 'url', description: 'test' },
        clock: systemClock(),
        onIdleError: () => undefined,
      });
      return await database.query('select 1 as one');
    },
    askApart: async (tls) => {
      const line = new Line({ way: structuredClone({ url, tls }), name: 'kora-session', answerMs: 5_000 });
      try {
        return await line.ask('select 1 as one', []);
      } finally {
        await line.close();
      }
    },
  };
}

const one = [{ one: 1 }];

test('require takes any certificate, and never goes on in plain text', async () => {
  const { ask, plain } = await house();
  expect(await ask({ mode: 'require' })).toEqual(one);
  expect(plain()).toBe(0);
});

test('verify-ca wants an authority it knows, whatever the name', async () => {
  const { ask, caFile } = await house();
  expect(await ask({ mode: 'verify-ca', caFile })).toEqual(one);
  await expect(ask({ mode: 'verify-ca' })).rejects.toMatchObject({
    code: 'KORA_STORE_REFUSED',
    message: expect.stringContaining('self-signed certificate') as unknown,
    fix: expect.stringContaining('store.tls') as unknown,
  });
});

test('verify-full wants the name as well: the host’s, or the one that is configured', async () => {
  const { ask, caFile } = await house();
  await expect(ask({ mode: 'verify-full', caFile })).rejects.toThrow(/127\.0\.0\.1|altnames/);
  await expect(ask({ mode: 'verify-full', caFile, serverName: 'other.example' })).rejects.toThrow(/other/);
  expect(await ask({ mode: 'verify-full', caFile, serverName: 'db.example' })).toEqual(one);
});

test('a line of its own is protected as the pool is', async () => {
  const { askApart, caFile, plain } = await house();
  expect(await askApart({ mode: 'verify-full', caFile, serverName: 'db.example' })).toEqual(one);
  await expect(askApart({ mode: 'verify-full', caFile })).rejects.toThrow(/127\.0\.0\.1|altnames/);
  await expect(askApart({ mode: 'verify-ca' })).rejects.toThrow(/self-signed/);
  expect(plain()).toBe(0);
});

test('a server that knows no TLS is refused, not talked to in plain text', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined); // the driver hangs up
    socket.once('data', () => socket.write('N'));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await using database = openPool({
    connection: secured(`postgres://u:p@127.0.0.1:${port}/x?sslmode=require`),
    server: { kind: 'url', description: 'test' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
  await expect(database.query('select 1')).rejects.toMatchObject({ code: 'KORA_STORE_REFUSED' });
});
