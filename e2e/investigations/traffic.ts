import type { Log } from './log.ts';
import type { Random } from './seed.ts';

const paths = [
  '/cart',
  '/cart/items',
  '/orders',
  '/orders/search',
  '/health',
  '/login',
  '/img/logo',
  '/errors?page=2',
];

export interface Traffic {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Middle of what a request takes. */
  readonly ms?: number;
}

/** What a healthy service writes, which has the word "error" in it as often as that of a sick one. */
export function healthy(log: Log, random: Random, { from, to, count, ms = 24 }: Traffic): void {
  const step = (to - from) / count;
  for (let n = 0; n < count; n += 1) {
    const at = from + step * (n + random.next() * 0.9);
    log.say(at, 'INFO', sentence(random, ms));
  }
}

function sentence(random: Random, ms: number): string {
  const kind = random.next();
  if (kind < 0.86) return request(random, ms);
  if (kind < 0.9)
    return `cache refreshed entries=${random.whole(200, 900)} errors=0 took=${random.whole(2, 40)}ms`;
  if (kind < 0.94) return `job error-report-mailer finished, 0 errors, ${random.whole(1, 50)} mails`;
  if (kind < 0.97) return `session ${random.mark(12)} closed by its user after ${random.whole(10, 4000)} s`;
  return `gc minor pause=${(random.next() * 4).toFixed(1)}ms heap=${random.whole(110, 180)}MB`;
}

function request(random: Random, ms: number): string {
  const path = paths[random.whole(0, paths.length - 1)] ?? '/';
  const took = Math.max(1, Math.round(random.about(ms, 0.6)));
  return `GET ${path} 200 ${took}ms request=${random.mark(10)} bytes=${random.whole(200, 9000)}`;
}

/** Warnings that mean nothing and are there every day. */
export function grumble(log: Log, random: Random, { from, to, count }: Traffic): void {
  const step = (to - from) / count;
  for (let n = 0; n < count; n += 1) {
    const at = from + step * (n + random.next() * 0.9);
    const kind = n % 4;
    if (kind === 0) log.say(at, 'WARN', `option "legacy_cookies" is deprecated and does nothing`);
    else if (kind === 1) log.say(at, 'WARN', `clock differs from its peers by ${random.whole(2, 9)} ms`);
    else if (kind === 2) log.say(at, 'WARN', `slow fsync: ${random.whole(40, 90)} ms`);
    else log.say(at, 'WARN', `retry 1 of 5 for queue poll, done at the second try`);
  }
}

/** Points of a gauge, one each `everyMs`. */
export function gauge(
  from: number,
  to: number,
  everyMs: number,
  value: (share: number, at: number) => number,
): (readonly [number, number])[] {
  const count = Math.floor((to - from) / everyMs);
  return Array.from({ length: count + 1 }, (_, n) => {
    const at = from + n * everyMs;
    return [at, Math.round(value((at - from) / (to - from), at) * 1000) / 1000] as const;
  });
}
