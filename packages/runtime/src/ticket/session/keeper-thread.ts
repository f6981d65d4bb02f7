// The thread that keeps a session: it beats while the main thread moves, over a connection of its own. It stands aside when
// the main thread stands still, for then nobody works what the session holds, and others may have it.
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../clock/index.ts';
import { messageOf } from '../../fault/index.ts';
import { Line } from '../../store/index.ts';
import { readSentAt, sharedNow, slot, writeSentAt } from './keeper-messages.ts';
import type { KeeperCharge, KeeperNews } from './keeper-messages.ts';
import type { HeldRow } from './session.ts';
import { Stillness } from './stillness.ts';

const { way, beat, end, times, shared } = workerData as KeeperCharge;
const memory = new BigInt64Array(shared);
const clock = systemClock();
const line = new Line({ way, name: 'kora-session', answerMs: times.answerMs });
const stillness = new Stillness(times.moveMs);
/** Aborts with why the session is given up, or that it is no longer to be kept. */
const over = new AbortController();

function say(news: KeeperNews): void {
  parentPort?.postMessage(news);
}

function look(): void {
  const stillMs = stillness.look(sharedNow(), Atomics.load(memory, slot.moves));
  if (stillMs >= times.stillMs) over.abort('the main thread stood still');
}

/** Beats until it is over. */
async function keep(): Promise<void> {
  let failures = 0;
  while (await clock.sleep(failures === 0 ? untilDue() : times.retryMs, over.signal)) {
    const sentAt = sharedNow();
    try {
      const [row] = await line.ask<HeldRow>(beat.text, beat.values);
      if (row === undefined) over.abort('its lease has run out');
      if (row === undefined || over.signal.aborted) return;
      failures = 0;
      writeSentAt(memory, sentAt);
      say({ kind: 'beat', row, sentAt });
    } catch (error) {
      failures += 1;
      if (failures === 1) say({ kind: 'fault', message: messageOf(error) });
    }
  }
}

function untilDue(): number {
  return Math.max(0, readSentAt(memory) + times.beatMs - sharedNow());
}

parentPort?.once('message', () => over.abort('close'));
const looking = setInterval(look, times.moveMs);
await keep();
clearInterval(looking);
const why = String(over.signal.reason);
if (why !== 'close') {
  // Whoever waits for its tickets need not wait for the rest of the lease, and nothing prolongs it any more.
  await line.ask(end.text, end.values).catch(() => undefined); // then it lapses
  say({ kind: 'lost', why });
}
await line.close();
parentPort?.close();
