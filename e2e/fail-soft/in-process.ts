import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProbeSnapshot } from '@kora/runtime/plugin';
import plugin from '../../packages/plugin-probes/src/index.ts';
import { systemClock } from '../../packages/runtime/src/clock/index.ts';
import { openHome } from '../../packages/runtime/src/home/index.ts';
import { createKoraClient } from '../../packages/runtime/src/http/client.ts';
import type { KoraClient } from '../../packages/runtime/src/http/client.ts';
import { createKora } from '../../packages/runtime/src/kora.ts';
import type { Kora } from '../../packages/runtime/src/options.ts';
import { PackagesOnDisk } from '../../packages/runtime/src/plugin/testing/packages-on-disk.ts';
import { fileDatabase } from '../../packages/runtime/src/store/testing/database.ts';
import { Stage } from './stage.ts';
import type { StageOptions } from './stage.ts';

export interface PlaceOptions extends StageOptions {
  /** The block of the probes plugin. */
  readonly config?: Readonly<Record<string, unknown>>;
}

export interface RaiseOptions {
  /** One that was there before; default a new one. */
  readonly home?: string;
  /** Where the store is reached: the port of a network that can be lost. Default its own socket. */
  readonly port?: number;
}

/** A runtime in this process, its API, and the world that it watches. */
export interface Living {
  readonly kora: Kora;
  readonly client: KoraClient;
  readonly stage: Stage;
  readonly home: string;
}

type Store = Awaited<ReturnType<typeof fileDatabase>>;

/** A real store on which runtimes are raised in this process, with the plugin that ships and a stage in place of the world. */
export class Place implements AsyncDisposable {
  readonly store: Store;
  readonly #packages: PackagesOnDisk;
  readonly #options: PlaceOptions;
  readonly #world = new Map<string, ProbeSnapshot>();
  readonly #raised: Kora[] = [];
  readonly #homes: string[] = [];

  private constructor(store: Store, packages: PackagesOnDisk, options: PlaceOptions) {
    this.store = store;
    this.#packages = packages;
    this.#options = options;
  }

  static async make(options: PlaceOptions): Promise<Place> {
    const [store, packages] = await Promise.all([fileDatabase({ empty: true }), PackagesOnDisk.create()]);
    return new Place(store, packages, options);
  }

  async raise({ home = this.#home(), port }: RaiseOptions = {}): Promise<Living> {
    const stage = new Stage(this.#options, this.#world);
    const kora = await createKora({
      home,
      cwd: home,
      configFile: await this.#configuration(),
      env: { KORA_DATABASE_URL: this.#url(port) },
      port: 0,
      adopt: true,
      bundled: [
        await this.#packages.loaded('probes', manifestOfProbes(), plugin),
        await this.#packages.loaded('stage', stage.manifest, stage.plugin),
      ],
    });
    this.#raised.push(kora);
    const { token } = await openHome(home, systemClock());
    return { kora, home, stage, client: createKoraClient({ url: kora.ready.url, token }) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const kora of this.#raised) await kora.stop('the test ends');
    await this.#packages[Symbol.asyncDispose]();
    await this.store.drop();
    for (const home of this.#homes) rmSync(home, { recursive: true, force: true });
  }

  #home(): string {
    const home = mkdtempSync(join(tmpdir(), 'kora-test-'));
    this.#homes.push(home);
    return home;
  }

  #url(port: number | undefined): string {
    const { user, password, database, host = '' } = this.store.connection;
    const login = `${user}:${encodeURIComponent(String(password))}`;
    if (port !== undefined) return `postgres://${login}@127.0.0.1:${port}/${database}`;
    const place = `host=${encodeURIComponent(host)}&port=${this.store.connection.port}`;
    return `postgres://${login}@/${database}?${place}`;
  }

  async #configuration(): Promise<string> {
    const { config = {} } = this.#options;
    const probes = { builtin: false, canary: { enabled: false }, ...config };
    const files = { 'kora.json': JSON.stringify({ plugins: { config: { probes } } }) };
    return join(await this.#packages.write('config', files), 'kora.json');
  }
}

/** As the package says it, but for what its build makes and what is switched off here. */
function manifestOfProbes(): object {
  const path = new URL('../../packages/plugin-probes/package.json', import.meta.url);
  const { kora } = JSON.parse(readFileSync(path, 'utf8')) as {
    kora: { id: string; contributes: Record<string, string[]>; secrets: string[] };
  };
  const { id, contributes, secrets } = kora;
  return { id, secrets, contributes: { ...contributes, probes: [] } };
}
