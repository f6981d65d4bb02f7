// The keeper's thread: looks, and does what its watchman says. It shares nothing with the main thread but five numbers,
// so it goes on while that one hangs.
import { randomUUID } from 'node:crypto';
import { rmSync, write } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { exitCodes, messageOf } from '../../fault/index.ts';
import { readSentinel, writeSeen, writeSentinel } from '../sentinel.ts';
import type { SentinelSeen } from '../sentinel.ts';
import type { EmergencyRecord } from './contract.ts';
import { appendEmergency } from './emergency-line.ts';
import { endProcess } from './end-process.ts';
import { slot } from './messages.ts';
import type { KeeperCharge, KeeperNews, KeeperOrder } from './messages.ts';
import { Watchman } from './watchman.ts';
import type { Deed } from './watchman.ts';

const { home, tokenFile, startedAt, times, seenBefore, shared } = workerData as KeeperCharge;
const memory = new Int32Array(shared);
const watchman = new Watchman({ times, startedAt, seenBefore });
/** A last line on stderr may need a moment to leave. */
const lastLineMs = 100;
/** The sign that is still to be laid down: a disk that is full now may take it later. */
let unsigned: SentinelSeen | undefined;
let isWriting = false;

function say(news: KeeperNews): void {
  parentPort?.postMessage(news);
}

/** One part that fails never keeps the others from being done. */
function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    say({ kind: 'fault', message: messageOf(error) });
  }
}

function look(): void {
  Atomics.add(memory, slot.looks, 1);
  const deeds = watchman.look({
    monotonic: performance.now(),
    sentinel: readSentinel(home),
    beats: Atomics.load(memory, slot.beats),
    heard: Atomics.load(memory, slot.heard),
  });
  for (const deed of deeds) attempt(() => perform(deed));
  attempt(sign);
}

function perform(deed: Deed): void {
  if (deed.kind === 'publish') {
    Atomics.store(memory, slot.kills, deed.kills ? 1 : 0);
    Atomics.store(memory, slot.level, deed.level);
  } else if (deed.kind === 'sentinel') {
    const { sentinel } = deed;
    unsigned =
      sentinel === undefined
        ? undefined
        : { digest: sentinel.digest, level: sentinel.level, pid: process.pid, at: now() };
    say(deed);
  } else if (deed.kind === 'escalate')
    writeSentinel(home, { level: 4, reason: deed.reason, by: 'watchdog', at: now() });
  else if (deed.kind === 'tell')
    tell({ id: randomUUID(), what: deed.what, detail: deed.detail, at: now(), pid: process.pid });
  else {
    // First the end, then what may fail. Whoever comes next makes a token of its own.
    setTimeout(() => endProcess(exitCodes.stopped), lastLineMs);
    if (deed.level >= 5) rmSync(tokenFile, { force: true });
  }
}

function sign(): void {
  if (unsigned === undefined) return;
  writeSeen(home, unsigned);
  unsigned = undefined;
}

/** On stderr by another thread of the pool: a reader that has stopped reading may be what the main thread hangs on. */
function tell(record: EmergencyRecord): void {
  say({ kind: 'told', record });
  if (!isWriting) {
    isWriting = true;
    write(2, `kora: ${record.detail}\n`, () => {
      isWriting = false;
    });
  }
  appendEmergency(home, record);
}

function obey(order: KeeperOrder): void {
  if (order.kind === 'watch') watchman.watch(order.key, order.level);
  else if (order.kind === 'effective') watchman.effective(order.key);
  else if (order.kind === 'superseded') watchman.superseded();
  else if (order.kind === 'exit') watchman.exitBy(order.ms, order.level);
  else for (const deed of watchman.tell(order.what, order.detail)) attempt(() => perform(deed));
}

function now(): string {
  return new Date().toISOString();
}

parentPort?.on('message', (order: KeeperOrder) => obey(order));
look();
setInterval(look, times.lookMs);
say({ kind: 'looking' });
