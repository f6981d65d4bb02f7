import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject, vi } from 'vitest';
import type { z } from 'zod';
import { listBoots } from '../boot/index.ts';
import type { BootRecord } from '../boot/index.ts';
import { systemClock } from '../clock/index.ts';
import type { Clock } from '../clock/index.ts';
import { exitCodes, fault, faultRow } from '../fault/index.ts';
import { readRunningRuntime } from '../home/index.ts';
import { createKoraClient } from '../http/client.ts';
import type { KoraClient } from '../http/client.ts';
import { readinessSchema } from '../http/contract.ts';
import { createKora } from '../kora.ts';
import type { Kora, KoraOptions } from '../options.ts';
import { entryOf, PackagesOnDisk } from '../plugin/testing/packages-on-disk.ts';
import type { Transition } from '../state/index.ts';
import { fileDatabase } from '../store/testing/database.ts';
import type { TestDatabase } from '../store/testing/database.ts';
import { WireProxy } from '../store/testing/wire-proxy.ts';

/** What came of one boot: the process it would have been, its row, and what it left on the chain. */
export interface Came {
  readonly exit: number;
  readonly row: BootRecord | undefined;
  readonly events: readonly string[];
  readonly states: readonly Transition[];
}

export interface Attempt {
  readonly proxy: WireProxy;
  /** Resolves when /readyz says this of a gate. */
  readyz(gateId: string, outcome: string): Promise<void>;
  /** Resolves when /readyz says that the boot waits for the store. */
  waits(): Promise<void>;
  api(): Promise<KoraClient>;
}

export interface BootPlan {
  /** Milliseconds of the clock's sleeps, and how long they last instead. */
  readonly hurry: ReadonlyMap<number, number>;
  readonly env?: Readonly<Record<string, string>>;
  /** Before the boot; it may trap statements. */
  readonly before: (attempt: Attempt) => Promise<void>;
  /** Beside it. */
  readonly beside: (attempt: Attempt) => Promise<void>;
  /** While the runtime still runs, if it came up. */
  readonly after: (attempt: Attempt) => Promise<void>;
  /** When it has ended. */
  readonly mend: () => Promise<void>;
}

/** One home and one database that boots again and again, with a plugin whose token answers what a test says. */
export class BootScene {
  readonly store: TestDatabase & { readonly drop: () => Promise<void> };
  readonly home: string;
  readonly #packages: PackagesOnDisk;
  readonly #answer: string;
  readonly #bundled: string;

  static async open(): Promise<BootScene> {
    const [store, packages] = await Promise.all([fileDatabase({ empty: true }), PackagesOnDisk.create()]);
    const answer = join(packages.root, 'answer');
    writeFileSync(answer, 'ok');
    const entry = entryOf(
      'post',
      `const word = async () => (await readFile(${JSON.stringify(answer)}, 'utf8')).trim();
       await context.registerServiceToken({ name: 'imap', check: async (signal) => {
         while ((await word()) === 'wait') await context.clock.sleep(10, signal);
         return { state: await word(), detail: 'it says so' };
       } });`,
      `import { readFile } from 'node:fs/promises';`,
    );
    return new BootScene(store, packages, {
      answer,
      bundled: await packages.plugin('post', { id: 'post' }, entry),
    });
  }

  private constructor(
    store: BootScene['store'],
    packages: PackagesOnDisk,
    { answer, bundled }: { readonly answer: string; readonly bundled: string },
  ) {
    this.store = store;
    this.home = mkdtempSync(join(tmpdir(), 'kora-test-'));
    this.#packages = packages;
    this.#answer = answer;
    this.#bundled = bundled;
  }

  async drop(): Promise<void> {
    chmodSync(this.home, 0o700);
    rmSync(this.home, { recursive: true, force: true });
    await this.#packages[Symbol.asyncDispose]();
    await this.store.drop();
  }

  async sql(...statements: readonly string[]): Promise<void> {
    for (const statement of statements) await this.store.database.query(statement);
  }

  /** What the service of the plugin's token answers from now on; `wait` keeps it from answering. */
  service(word: 'ok' | 'refused' | 'unavailable' | 'wait'): void {
    writeFileSync(this.#answer, word);
  }

  /** Boots, ends what came up, mends, and tells what is left of it: `later`, once another boot has told it. */
  async boot(plan: BootPlan, later: boolean): Promise<Came> {
    const seen = await this.#seen();
    const proxy = await WireProxy.open(this.#server());
    const states: Transition[] = [];
    const attempt = this.#attempt(proxy);
    await plan.before(attempt);
    const through = this.#options(`127.0.0.1:${proxy.port}/${this.store.connection.database}`);
    const options: KoraOptions = {
      ...through,
      env: { ...through.env, ...plan.env },
      clock: hurried(plan.hurry),
      onState: (transition) => void states.push(transition),
    };
    const called = new AbortController();
    const raising = this.#raise({ ...options, signal: called.signal });
    await plan.beside(attempt).catch(async (error: unknown) => {
      // Else the boot would wait in the silence until the test is out of time, and nobody heard what went wrong.
      proxy.up();
      proxy.thaw();
      called.abort();
      await raising;
      throw error;
    });
    const came = await raising;
    if ('kora' in came) {
      await plan.after(attempt);
      await came.kora.stop('the case is over');
    }
    await proxy.close();
    await plan.mend();
    if (later) await this.sound();
    return { ...(await this.#left(seen, later)), states, exit: came.exit };
  }

  /** A boot that nothing is wrong with. */
  async sound(): Promise<void> {
    const { host } = this.#server();
    const kora = await createKora(
      this.#options(`/${this.store.connection.database}?host=${encodeURIComponent(host)}`),
    );
    await kora.stop('it came up');
  }

  /** `at`: what of the database's URL comes after the login. */
  #options(at: string): KoraOptions {
    const { user, password } = inject('postgres');
    const env = { KORA_DATABASE_URL: `postgres://${user}:${encodeURIComponent(password)}@${at}` };
    return { home: this.home, cwd: this.home, env, port: 0, bundled: [this.#bundled] };
  }

  async #raise(options: KoraOptions): Promise<{ exit: number; kora?: Kora }> {
    try {
      return { kora: await createKora(options), exit: exitCodes.ok };
    } catch (error) {
      return { exit: faultRow(error).exit };
    }
  }

  #attempt(proxy: WireProxy): Attempt {
    const running = async (): Promise<{ readonly url: string; readonly token: string }> => {
      const found = await readRunningRuntime(this.home);
      if (found === undefined) throw fault('KORA_TIMEOUT', 'no runtime listens');
      return found;
    };
    const readiness = async (): Promise<z.infer<typeof readinessSchema>> => {
      const answer = await fetch(`${(await running()).url}/readyz`);
      return readinessSchema.parse(await answer.json());
    };
    return {
      proxy,
      api: async () => createKoraClient(await running()),
      readyz: (gateId, outcome) =>
        until(async () => {
          const { gates } = await readiness();
          const now = gates.find((gate) => gate.gateId === gateId)?.outcome;
          if (now !== outcome)
            throw fault('KORA_TIMEOUT', `/readyz says ${now} of ${gateId}, and not ${outcome}`);
        }),
      waits: () =>
        until(async () => {
          const { ready, outcome, waitingFor, degradationReasons } = await readiness();
          const isSo = !ready && outcome === 'running' && degradationReasons.includes('substrate');
          if (!isSo || waitingFor === null)
            throw fault('KORA_TIMEOUT', `/readyz says ${outcome}, and nothing of the store`);
        }),
    };
  }

  /** How far boots and chain are before a boot. */
  async #seen(): Promise<{ readonly boot: number; readonly at: string }> {
    const { database } = this.store;
    const [there] = await database.query<{ is: boolean }>(
      `select to_regclass('kora.boot') is not null as is`,
    );
    if (there?.is !== true) return { boot: 0, at: '-infinity' };
    const [row] = await database.query<{ boot: number; at: string }>(
      `select coalesce((select max(boot_id) from kora.boot), 0)::int as boot, clock_timestamp()::text as at`,
    );
    return row ?? { boot: 0, at: '-infinity' };
  }

  async #left(
    { boot, at }: { readonly boot: number; readonly at: string },
    later: boolean,
  ): Promise<Pick<Came, 'row' | 'events'>> {
    const { database } = this.store;
    const rows = (await listBoots(database, 1, 20)).filter(({ bootId }) => bootId > boot);
    const row = later ? rows.find(({ outcome }) => outcome === 'refused') : rows.at(-1);
    const events = await database.query<{ type: string }>(
      `select case when b.body::jsonb ->> 'cause' = 'boot.retrying' then 'boot.retrying' else e.type end as type
       from kora.event e join kora.event_body b using (workspace_id, seq)
       where e.occurred_at > $1::timestamptz order by seq`,
      [at],
    );
    return { row, events: events.map(({ type }) => type) };
  }

  #server(): { readonly host: string; readonly port: number } {
    const { host = '', port = 0 } = this.store.connection;
    return { host, port };
  }
}

const until = (isSo: () => Promise<void>): Promise<void> =>
  vi.waitFor(isSo, { timeout: 15_000, interval: 10 });

/** The machine's clock, with waits that last as long as a test has. */
function hurried(hurry: ReadonlyMap<number, number>): Clock {
  const clock = systemClock();
  return { ...clock, sleep: (ms, signal) => clock.sleep(hurry.get(ms) ?? ms, signal) };
}
