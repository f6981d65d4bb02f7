import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BenchServer } from '../server/server.ts';
import { sharedNow } from './order.ts';
import type { LookerLoad, LookerOrder, LookerWord } from './order.ts';

/**
 * Failures of one probe that are different incidents, so that each has a first message. Two are the most: with a third the
 * probe would have gone back and forth six times within ten minutes, which is told as one flapping incident.
 */
const categories = ['unreachable', 'error_rate'];
const patienceMs = 30_000;

export interface InboxOptions {
  readonly count: number;
  readonly runtimes: number;
  /** Probes in all; between the failures each looks on its own cadence. */
  readonly probes: number;
  readonly everyMs: number;
}

export interface InboxTimes {
  /** From the answer of the deciding look to the message in the inbox. */
  readonly told: readonly number[];
  /** The same, to whoever follows the log over another runtime than the one that looked; none with one runtime. */
  readonly seen: readonly number[];
  /** Messages that another runtime handed over than the one that looked. */
  readonly crossed: number;
}

interface Looker {
  readonly child: ChildProcess;
  readonly url: string;
  readonly token: string;
}

/**
 * One failure after the other, each in turn by another runtime, each a process of its own on one PostgreSQL. In a failure
 * two looks are asked for; the clock runs from the moment the second had its answer, so no interval is in it.
 */
export async function probeToInbox(server: BenchServer, options: InboxOptions): Promise<InboxTimes> {
  const { count, runtimes, probes, everyMs } = options;
  if (count > probes * categories.length)
    throw new Error(`${count} failures need ${Math.ceil(count / categories.length)} probes`);
  const connection = await server.database(`inbox_${runtimes}`);
  const words = new Words();
  const lookers: Looker[] = [];
  const each = Math.ceil(probes / runtimes);
  for (let at = 0; at < runtimes; at += 1)
    lookers.push(await startLooker({ connection, prefix: `bench${at}`, probes: each, everyMs }, words));
  const follower = new AbortController();
  const followed = lookers.map((looker, at) => follow(looker, words, { by: at, signal: follower.signal }));
  const times = { told: [] as number[], seen: [] as number[], crossed: 0 };
  try {
    for (let at = 0; at < count; at += 1) await failOnce(at);
  } finally {
    follower.abort();
    await Promise.allSettled(followed);
    await Promise.all(lookers.map(end));
  }
  return times;

  async function failOnce(at: number): Promise<void> {
    const by = at % runtimes;
    const turn = Math.floor(at / runtimes);
    const name = `bench${by}-${turn % each}`;
    const category = categories[Math.floor(turn / each)] ?? 'unreachable';
    const failed = words.next(`failed ${name}`);
    const told = words.next(`told ${name}`);
    const seen = runtimes === 1 ? undefined : words.next(`seen ${(by + 1) % runtimes} ${name}`);
    order(lookers[by], { fail: name, category });
    const began = (await failed).at;
    const handed = await told;
    times.told.push(handed.at - began);
    if (handed.by !== by) times.crossed += 1;
    if (seen !== undefined) times.seen.push((await seen).at - began);
    const mended = words.next(`mended ${name}`);
    order(lookers[by], { mend: name });
    await mended;
  }
}

interface Heard {
  readonly at: number;
  /** Which runtime said it. */
  readonly by: number;
}

/** What is waited for, by its name. */
class Words {
  readonly #waiting = new Map<string, (heard: Heard) => void>();

  next(word: string): Promise<Heard> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`nobody said: ${word}`)), patienceMs);
      this.#waiting.set(word, (heard) => {
        clearTimeout(timer);
        this.#waiting.delete(word);
        resolve(heard);
      });
    });
  }

  say(word: string, heard: Heard): void {
    this.#waiting.get(word)?.(heard);
  }
}

function order(looker: Looker | undefined, what: LookerOrder): void {
  looker?.child.send(what);
}

async function startLooker(load: LookerLoad, words: Words): Promise<Looker> {
  const by = Number(load.prefix.replace('bench', ''));
  const child = fork(fileURLToPath(new URL('./looker.ts', import.meta.url)), [], {
    execArgv: ['--conditions=@kora/source', '--disable-warning=ExperimentalWarning'],
    env: { ...process.env, KORA_BENCH_LOAD: JSON.stringify(load) },
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`a runtime ended with ${code}`)));
    child.on('message', (word: LookerWord) => {
      if ('ready' in word) resolve({ child, url: word.url, token: word.token });
      else if ('failed' in word) words.say(`failed ${word.failed}`, { at: word.at, by });
      else if ('told' in word) words.say(`told ${word.told}`, { at: word.at, by });
      else words.say(`mended ${word.mended}`, { at: sharedNow(), by });
    });
  });
}

async function end({ child }: Looker): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.send({ end: true });
  await ended;
}

/** The event stream of one runtime, as the cockpit reads it. */
async function follow(
  { url, token }: Looker,
  words: Words,
  { by, signal }: { readonly by: number; readonly signal: AbortSignal },
): Promise<void> {
  const names = new Map<unknown, string>();
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}/api/events/stream`, { headers, signal });
  if (answer.body === null) throw new Error(`the stream of runtime ${by} has no body`);
  let rest = '';
  for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
    const at = sharedNow();
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('data: {')) continue;
      const { type, payload } = JSON.parse(line.slice(6)) as {
        type?: string;
        payload?: Record<string, unknown>;
      };
      const message = payload?.['message_id'];
      const name = /^🚨 Probe alert · (.+)$/u.exec(String(payload?.['title']))?.[1];
      if (type === 'notification.accepted' && name !== undefined) names.set(message, name);
      if (type === 'notification.delivered') words.say(`seen ${by} ${names.get(message)}`, { at, by });
    }
  }
}
