// A thread that hashes the bytes it is handed, and gives the buffers back.
import { parentPort } from 'node:worker_threads';
import { feed } from './hashing.ts';
import type { Answer, Order } from './hashing.ts';
import { SegmentHasher } from './rows.ts';

let hasher = new SegmentHasher({ from: 1, to: 0, points: [] });

function answer(message: Answer, moved: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, moved);
}

parentPort?.on('message', (order: Order) => {
  if (order.kind === 'begin') hasher = new SegmentHasher(order.segment);
  else if (order.kind === 'end') answer({ kind: 'facts', facts: hasher.facts() });
  else {
    feed(hasher, order.kind, Buffer.from(order.buffer, 0, order.length));
    answer({ kind: 'buffer', buffer: order.buffer }, [order.buffer]);
  }
});
