import { expect, onTestFinished, test } from 'vitest';
import { createKoraClient } from '../client.ts';
import { serverBench, token } from '../testing/server.ts';
import type { ServerBench } from '../testing/server.ts';
import type { LiveSignView } from './house.ts';

const sign = (key: string, delta: string): LiveSignView => ({
  runId: `run of ${key}`,
  key,
  route: 'cli',
  kind: 'text',
  delta,
});

async function watching(bench: ServerBench, query: { key?: string; run?: string } = {}) {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const heard: string[] = [];
  const watcher = { heard, ended: false };
  const signs = createKoraClient({ url: bench.server.url, token }).liveRuns(query, abort.signal);
  expect(await signs.next()).toEqual({ value: undefined, done: false });
  void (async () => {
    for await (const each of signs) if (each?.kind === 'text') heard.push(each.delta);
    watcher.ended = true;
  })().catch(() => undefined);
  return watcher;
}

test('whoever watches hears from its first answer on, all runs or one', async () => {
  const bench = await serverBench();
  const all = await watching(bench);
  const one = await watching(bench, { key: 'a' });
  const other = await watching(bench, { run: 'run of b' });
  bench.house.sign(sign('a', '1\n'));
  bench.house.sign(sign('b', '2'));
  bench.house.sign(sign('a', 'drei ü'));
  await expect.poll(() => all.heard).toEqual(['1\n', '2', 'drei ü']);
  await expect.poll(() => one.heard).toEqual(['1\n', 'drei ü']);
  await expect.poll(() => other.heard).toEqual(['2']);
});

test('the stream ends with the server, and nobody without the token hears anything', async () => {
  const bench = await serverBench();
  const { status } = await bench.ask('GET', '/api/reason/live', { Authorization: null });
  expect(status).toBe(401);
  const watcher = await watching(bench);
  await bench.server.close();
  await expect.poll(() => watcher.ended).toBe(true);
  expect(bench.errors).toEqual([]);
});

test('a reader that takes nothing loses its stream, and holds nobody up', async () => {
  const bench = await serverBench();
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${bench.server.url}/api/reason/live`, { headers, signal: abort.signal });
  const reader = response.body?.getReader();
  for (let n = 1; n <= 400; n += 1) bench.house.sign(sign('a', 'x'.repeat(20_000)));
  const drained = async (): Promise<number> => {
    let bytes = 0;
    for (;;) {
      const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
      if (done) return bytes;
      bytes += value?.length ?? 0;
    }
  };
  await expect(drained()).rejects.toThrow('terminated');
  const again = await watching(bench);
  bench.house.sign(sign('a', 'still here'));
  await expect.poll(() => again.heard).toEqual(['still here']);
});
