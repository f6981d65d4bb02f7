import { expect, test, vi } from 'vitest';
import { createKoraClient } from '../client.ts';
import { serverBench, token } from '../testing/server.ts';
import type { ServerBench } from '../testing/server.ts';
import { linesOf } from './read-lines.ts';
import { writeLine } from './lines.ts';

const { signal } = new AbortController();

function exported(bench: ServerBench, until: AbortSignal = signal): Promise<ReadableStream<Uint8Array>> {
  return createKoraClient({ url: bench.server.url, token }).exportChain({}, until);
}

test('a refusal before the first line is one like any other', async () => {
  const bench = await serverBench();
  bench.house.exportChain = () => Promise.reject(new Error('password=hunter2'));
  const { status, body } = await bench.ask('GET', '/api/chain/export');
  expect([status, body.includes('hunter2')]).toEqual([500, false]);
  expect(bench.errors).toHaveLength(1);
});

test('what fails in the middle cuts the connection, tells the log, and the reader nothing of the inside', async () => {
  const bench = await serverBench();
  bench.house.exportChain = async ({ out, signal: left }) => {
    await writeLine(out, { line: 1 }, left);
    await new Promise((resolve) => setImmediate(resolve));
    throw new Error('password=hunter2');
  };
  const body = await exported(bench);
  let text = '';
  const reading = (async () => {
    for await (const line of linesOf(body)) text += line;
  })();
  await expect(reading).rejects.toThrow('terminated');
  expect(text).not.toContain('hunter2');
  expect(bench.errors).toHaveLength(1);
});

test('the writer waits for its reader, and ends when the reader leaves', async () => {
  const bench = await serverBench();
  let written = 0;
  let ended = false;
  bench.house.exportChain = async ({ out, signal: left }) => {
    try {
      for (;;) {
        await writeLine(out, { text: 'x'.repeat(100_000) }, left);
        written += 1;
      }
    } finally {
      ended = true;
    }
  };
  const leaving = new AbortController();
  await exported(bench, leaving.signal);
  let before = -1;
  await vi.waitFor(
    () => {
      const stands = written === before;
      before = written;
      expect(stands).toBe(true);
    },
    { timeout: 10_000 },
  );
  // What the sockets of both sides hold, and not without bound.
  expect(written).toBeLessThan(500);
  leaving.abort();
  await vi.waitFor(() => expect(ended).toBe(true));
  expect(bench.errors).toEqual([]);
});

test('verification tells its progress before its result', async () => {
  const bench = await serverBench();
  const { verify } = bench.house;
  const head = { seq: 9, hash: 'b'.repeat(64) };
  bench.house.verify = (request) => {
    for (const seq of [3, 6]) request.onProgress?.({ seq, hash: 'a'.repeat(64) }, head);
    return verify(request);
  };
  const told: number[] = [];
  const client = createKoraClient({ url: bench.server.url, token });
  const found = await client.verifyFollowed({}, { signal, onProgress: ({ seq }) => told.push(seq) });
  expect([told, found.ok]).toEqual([[3, 6], true]);
});
