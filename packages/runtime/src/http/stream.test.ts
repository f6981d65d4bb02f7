import { connect } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { serverBench, token } from './testing/server.ts';
import type { ServerBench } from './testing/server.ts';

interface Frame {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: string;
}

/** A reader of the stream, as a browser is one. */
async function read(bench: ServerBench, headers: Record<string, string> = {}, query = '') {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const response = await fetch(`${bench.server.url}/api/events/stream${query}`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: abort.signal,
  });
  const frames: Frame[] = [];
  const reader = { ended: false, frames, leave: () => abort.abort(), status: response.status };
  void (async () => {
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      frames.push(...parts.map(parse));
    }
    reader.ended = true;
  })().catch(() => undefined);
  return reader;
}

function parse(part: string): Frame {
  const field = (name: string): string | undefined =>
    part
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  return { event: field('event') ?? '', id: field('id'), data: field('data') ?? '' };
}

const seqs = (frames: readonly Frame[]): number[] =>
  frames.filter(({ event }) => event === 'chain').map(({ id }) => Number(id));
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5_000, interval: 2 });
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

test('a reader without a past gets what is sealed from now on', async () => {
  const bench = await serverBench();
  bench.house.seal(5);
  const { frames } = await read(bench);
  await until(() => expect(frames.map(({ event }) => event)).toContain('heartbeat'));
  bench.house.seal(8);
  await until(() => expect(seqs(frames)).toEqual([6, 7, 8]));
});

test('a reader that resumes has no gap and no repeat, over many batches', async () => {
  const bench = await serverBench();
  bench.house.seal(1_700);
  const first = await read(bench, { 'Last-Event-ID': '3' });
  await until(() => expect(seqs(first.frames)).toHaveLength(1_697));
  first.leave();
  bench.house.seal(1_800);
  const second = await read(bench, { 'Last-Event-ID': '1700' });
  await until(() => expect(seqs(second.frames)).toHaveLength(100));
  expect([...seqs(first.frames), ...seqs(second.frames)]).toEqual(range(4, 1_800));
});

test('seals that come while a reader is being written to are not missed', async () => {
  const bench = await serverBench();
  const { frames } = await read(bench, { 'Last-Event-ID': '0' });
  for (let seq = 1; seq <= 300; seq += 1) {
    bench.house.seal(seq);
    if (seq % 7 === 0)
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
  }
  await until(() => expect(seqs(frames)).toEqual(range(1, 300)));
});

test.each([
  ['too far behind', '1', 20_000],
  ['ahead of the chain', '900', 5],
])('a reader that is %s is told to read a fresh snapshot', async (_, last, head) => {
  const bench = await serverBench();
  bench.house.seal(head);
  const { frames } = await read(bench, { 'Last-Event-ID': last });
  await until(() => expect(frames.find(({ event }) => event === 'resync')?.data).toBe(`{"seq":${head}}`));
  bench.house.seal(head + 1);
  await until(() => expect(seqs(frames)).toEqual([head + 1]));
});

test('a reader may ask for one kind of event', async () => {
  const bench = await serverBench();
  bench.house.types.set(2, 'probe.wake_requested');
  bench.house.seal(3);
  const { frames } = await read(bench, { 'Last-Event-ID': '0' }, '?type=probe');
  await until(() => expect(seqs(frames)).toEqual([2]));
});

test('a quiet stream beats every five seconds', async () => {
  const bench = await serverBench();
  const { frames } = await read(bench);
  const beats = (): number => frames.filter(({ event }) => event === 'heartbeat').length;
  await until(() => expect(beats()).toBe(1));
  await until(() => expect(bench.clock.sleeping).toBe(2));
  await bench.clock.advance(5_000);
  await until(() => expect(beats()).toBe(2));
});

test('a stream ends with a word when the server closes', async () => {
  const bench = await serverBench();
  const reader = await read(bench);
  await until(() => expect(reader.frames).toHaveLength(1));
  await bench.server.close();
  await until(() => expect(reader.frames.at(-1)?.event).toBe('bye'));
  expect(bench.clock.sleeping).toBe(0);
});

test('gates that end the process tell every reader with the last word', async () => {
  const bench = await serverBench();
  const reader = await read(bench);
  await until(() => expect(reader.frames).toHaveLength(1));
  bench.boot = { ...bench.boot, outcome: 'failed' };
  await bench.server.close();
  await until(() => expect(reader.frames.at(-1)?.event).toBe('bye'));
  expect(JSON.parse(reader.frames.at(-1)?.data ?? '')).toEqual({
    reason: 'the boot failed',
    boot: JSON.parse(JSON.stringify(bench.boot)),
  });
});

test('a reader that leaves leaves nothing behind', async () => {
  const bench = await serverBench();
  const reader = await read(bench);
  await until(() => expect(bench.clock.sleeping).toBe(2));
  reader.leave();
  await until(() => expect(bench.clock.sleeping).toBe(0));
  expect(bench.errors).toEqual([]);
});

test('a store that fails ends the stream and tells the log', async () => {
  const bench = await serverBench();
  bench.house.events = () => Promise.reject(new Error('away'));
  const reader = await read(bench, { 'Last-Event-ID': '0' });
  await until(() => expect(reader.ended).toBe(true));
  expect(bench.errors).toHaveLength(1);
});

test('a reader who wants every event gets it, however far behind', async () => {
  const bench = await serverBench();
  bench.house.seal(12_000);
  const { frames } = await read(bench, { 'Last-Event-ID': '1' }, '?complete=1');
  await until(() => expect(seqs(frames)).toHaveLength(11_999));
  expect(frames.some(({ event }) => event === 'resync')).toBe(false);
});

test('a reader that takes nothing is dropped, costs few reads until then, and leaves nothing behind', async () => {
  const bench = await serverBench();
  bench.house.seal(200_000);
  let reads = 0;
  const [sample] = await bench.house.events({ limit: 1 });
  bench.house.events = ({ after = 0, limit = 0 }) => {
    reads += 1;
    // Ten kilobytes each: a few hundred fill every buffer on the way.
    const payload = { text: 'x'.repeat(10_000) };
    return Promise.resolve(
      range(after + 1, after + limit).flatMap((seq) =>
        sample === undefined ? [] : [{ ...sample, seq, payload }],
      ),
    );
  };
  const socket = connect(bench.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.pause();
  const lines = [
    'GET /api/events/stream?complete=1 HTTP/1.1',
    `Host: 127.0.0.1:${bench.port}`,
    `Authorization: Bearer ${token}`,
    'Last-Event-ID: 1',
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  // It stands still: what fits into the buffers between here and there is all that is read.
  let before = -1;
  await until(() => {
    const same = reads === before;
    before = reads;
    expect(same && reads > 0).toBe(true);
  });
  expect(reads).toBeLessThan(20);
  for (let beats = 0; beats < 8; beats += 1) await bench.clock.advance(5_000);
  socket.resume();
  await closed;
  expect(bench.errors).toEqual([expect.objectContaining({ code: 'KORA_TIMEOUT' })]);
  await until(() => expect(bench.clock.sleeping).toBe(0));
});
