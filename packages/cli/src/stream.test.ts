import { expect, it } from 'vitest';
import { framesOf } from './stream.ts';
import type { Frame } from './stream.ts';

async function read(...pieces: (string | Uint8Array)[]): Promise<Frame[]> {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces)
        controller.enqueue(typeof piece === 'string' ? encoder.encode(piece) : piece);
      controller.close();
    },
  });
  const frames: Frame[] = [];
  for await (const frame of framesOf(body)) frames.push(frame);
  return frames;
}

it('reads id, event and data; comments and frames without data are nothing', async () => {
  expect(await read(': hello\n\nid: 7\nevent: event\ndata: {"a":1}\n\nid: 8\n\n')).toEqual([
    { id: '7', event: 'event', data: '{"a":1}' },
  ]);
});

it('joins data lines, takes a missing event for message, keeps inner blanks', async () => {
  expect(await read('data:one\ndata:  two\n\n')).toEqual([
    { id: undefined, event: 'message', data: 'one\n two' },
  ]);
});

it('does not mind where the pieces are cut, carriage returns and half characters included', async () => {
  const text = new TextEncoder().encode('id: 1\r\ndata: ü\r\n\r\ndata: b\r\rdata: c\n\n');
  for (let cut = 1; cut < text.length; cut++) {
    const frames = await read(text.slice(0, cut), text.slice(cut));
    expect(
      frames.map(({ data }) => data),
      `cut at ${cut}`,
    ).toEqual(['ü', 'b', 'c']);
  }
});

it('drops a half message at the end', async () => {
  expect(await read('data: whole\n\ndata: half')).toHaveLength(1);
});

it('gives up on a message without an end', async () => {
  await expect(read(`data: ${'x'.repeat(4_100_000)}`)).rejects.toMatchObject({ code: 'KORA_INTERNAL' });
});
