import { randomFillSync } from 'node:crypto';
import type { Clock } from './contract.ts';

/** The machine's own clock. */
export function systemClock(): Clock {
  const draw = randomPages();
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    sleep,
    uuid: () => uuidV7(Date.now(), draw(10)),
    random: () => Math.random(),
  };
}

/** Random bytes, asked of the system by the page: asking for each id costs more than all the rest of making it. */
function randomPages(): (count: number) => Uint8Array {
  const page = new Uint8Array(4_096);
  let used = page.length;
  return (count) => {
    if (used + count > page.length) {
      randomFillSync(page);
      used = 0;
    }
    used += count;
    return page.subarray(used - count, used);
  };
}

/** RFC 9562 version 7: 48 bits of milliseconds, then version, variant and 74 random bits. */
export function uuidV7(ms: number, random: Uint8Array): string {
  const bytes = Buffer.allocUnsafe(16);
  bytes.writeUIntBE(ms, 0, 6);
  bytes.set(random.subarray(0, 10), 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The longest wait a timer can hold, about 24.8 days: a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

async function sleep(ms: number, signal?: AbortSignal): Promise<boolean> {
  if (ms < 0) return wait(0, signal);
  for (let left = ms; left > longestTimerMs; left -= longestTimerMs)
    if (!(await wait(longestTimerMs, signal))) return false;
  return wait(ms > longestTimerMs ? ms % longestTimerMs : ms, signal);
}

function wait(ms: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve(false);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve(true);
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
