// A process with a keeper that does what it is told on its input: moves, hangs, sleeps in a system call, tells.
import { createInterface } from 'node:readline';
import type { Worker } from 'node:worker_threads';
import { startKeeper } from '../index.ts';
import type { KeeperTimes } from '../index.ts';

let thread: Worker | undefined;
process.on('worker', (worker) => {
  thread = worker;
});
const [home = '', times = '{}'] = process.argv.slice(2);
const keeper = await startKeeper({
  home,
  times: JSON.parse(times) as Partial<KeeperTimes>,
  onError: (error) => process.stdout.write(`error ${String(error)}\n`),
});
keeper.onSentinel((sentinel) => print(`sentinel ${sentinel?.level ?? 'gone'}`));

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Like a handler that never yields; the level is what the next admission would see. */
function spinUntil(isOver: () => boolean): void {
  while (!isOver());
}

const orders: Readonly<Record<string, (word: string) => void>> = {
  level: () => print(`level ${keeper.level()} kills ${keeper.kills()}`),
  hang: () => spinUntil(() => false),
  // Not interruptible from another thread: it stands in the system call.
  freeze: () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  // With nobody who reads, it stands still in the middle of a word.
  flood: () => {
    for (;;) process.stderr.write('much to say\n'.repeat(1_000));
  },
  'spin-to': (word) => {
    print('spinning');
    spinUntil(() => keeper.level() === Number(word));
    print(`saw ${keeper.level()} while ${keeper.sentinel() === undefined ? 'nobody told' : 'told'}`);
  },
  watch: (word) => keeper.watch({ sequence: 7, level: Number(word) }),
  effective: (word) => keeper.effective(word === 'sentinel' ? 'sentinel' : Number(word)),
  exit: (word) => keeper.exitBy(Number(word), 4),
  tell: (word) => keeper.tell({ what: 'store', detail: `${word} does not answer` }),
  told: () => print(JSON.stringify(keeper.told())),
  // The thread, not the keeper: as if it had crashed.
  lose: () => void thread?.terminate(),
  dispose: () => void keeper[Symbol.asyncDispose]().then(() => print('disposed')),
};

print('up');
createInterface({ input: process.stdin }).on('line', (line) => {
  const [order = '', word = ''] = line.split(' ');
  orders[order]?.(word);
});
