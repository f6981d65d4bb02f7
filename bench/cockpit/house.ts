import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createKoraClient } from '@kora/runtime/client';
import type { KoraClient } from '@kora/runtime/client';
import { benchServer } from '../server/server.ts';
import type { BenchServer } from '../server/server.ts';
import type { Appended, LoadSpec, Told } from './load.ts';

const page = '@kora/cockpit';
/** What `kora up` loads unless it is told not to. */
const plugins = [
  '@kora/plugin-email',
  '@kora/plugin-mcp',
  '@kora/plugin-probes',
  '@kora/plugin-reasoning',
  '@kora/plugin-slack',
  '@kora/plugin-webhooks',
  page,
  '@kora/promote-loops',
];
/** Tickets that come, and as many that go, each second while the house is busy. */
const ticketsPerSecond = 2;

interface Parts {
  readonly server: BenchServer;
  readonly child: ChildProcess;
  /** Where the page lies. */
  readonly kept: string;
}

/** A built Kora on a PostgreSQL of its own, with so many tickets that nobody works, and a say in how much happens. */
export class BusyHouse {
  readonly client: KoraClient;
  readonly url: string;
  readonly token: string;
  readonly postgres: string;
  readonly #server: BenchServer;
  readonly #child: ChildProcess;
  readonly #kept: string;
  #tickets: number[] = [];
  #churn: AbortController | undefined;
  #churned: Promise<void> = Promise.resolve();

  private constructor({ server, child, kept }: Parts, at: { readonly url: string; readonly token: string }) {
    this.#server = server;
    this.#child = child;
    this.#kept = kept;
    this.postgres = server.version;
    this.url = at.url;
    this.token = at.token;
    this.client = createKoraClient({ ...at, timeoutMs: 120_000 });
  }

  static async open(): Promise<BusyHouse> {
    const server = await benchServer('embedded', 0);
    const connection = await server.database('cockpit');
    const resolve = createRequire(createRequire(import.meta.url).resolve('@kora/cli/package.json')).resolve;
    const folders = plugins.map((name) => dirname(resolve(`${name}/package.json`)));
    const kept = mkdtempSync(join(tmpdir(), 'kora-bench-page-'));
    const bundled = folders.map((folder, n) => (plugins[n] === page ? copied(folder, kept) : folder));
    const child = fork(fileURLToPath(new URL('load.ts', import.meta.url)), [], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      env: { ...process.env, KORA_BENCH_LOAD: JSON.stringify({ connection, bundled } satisfies LoadSpec) },
    });
    const up = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => null)]);
    if (up === null) {
      await server.close();
      rmSync(kept, { recursive: true, force: true });
      throw new Error('the runtime ended before it was up');
    }
    return new BusyHouse({ server, child, kept }, up[0] as { url: string; token: string });
  }

  /** So many tickets that wait, and as many again that ended in twenty. */
  async addTickets(count: number): Promise<void> {
    const added = await this.client.tickets.addMany(
      Array.from({ length: count }, (_, n) => ({
        kind: 'pump',
        title: `Pump ${n} of basin ${n % 37} reports ${n % 9} bar and rising`,
        objective: 'Find out why, and say what is to be done.',
        idempotencyKey: `pump-${n}`,
        priority: (['low', 'normal', 'normal', 'high'] as const)[n % 4] ?? 'normal',
      })),
      { chunk: 1_000 },
    );
    this.#tickets = added.map(({ ticketId }) => ticketId);
    for (const ticketId of this.#tickets.splice(0, 20))
      await this.client.tickets.cancel(ticketId, 'the pump was replaced');
  }

  /** So many events a second from now on, of a plugin, and with them tickets that come and go; answers what was until now. */
  async busy(perSecond: number): Promise<Appended> {
    this.#churn?.abort();
    await this.#churned;
    const answered = once(this.#child, 'message');
    this.#child.send({ perSecond } satisfies Told);
    const [before] = (await answered) as [Appended];
    if (perSecond > 0) {
      this.#churn = new AbortController();
      this.#churned = this.#comeAndGo(this.#churn.signal);
    }
    return before;
  }

  /** Waits until nothing is on its way any more. */
  async quiet(): Promise<void> {
    for (;;) {
      const { waiting, appended } = await this.busy(0);
      if (waiting === 0 && appended === 0) return;
      await sleep(200);
    }
  }

  async close(): Promise<void> {
    this.#churn?.abort();
    await this.#churned;
    const ended = once(this.#child, 'exit');
    this.#child.send({ perSecond: null } satisfies Told);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(timer);
    await this.#server.close();
    rmSync(this.#kept, { recursive: true, force: true });
  }

  async #comeAndGo(signal: AbortSignal): Promise<void> {
    for (let n = 0; !signal.aborted; n += 1) {
      const { ticketId } = await this.client.tickets.add({ kind: 'pump', title: `Pump ${n} came back` });
      this.#tickets.push(ticketId);
      const oldest = this.#tickets.shift();
      if (oldest !== undefined) await this.client.tickets.cancel(oldest, 'seen to');
      await sleep(1_000 / ticketsPerSecond, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** The built page as it lies there now: whoever builds it anew meanwhile changes nothing here. */
function copied(folder: string, into: string): string {
  for (const part of ['package.json', 'dist'])
    cpSync(join(folder, part), join(into, part), { recursive: true });
  symlinkSync(join(folder, 'node_modules'), join(into, 'node_modules'));
  return into;
}
