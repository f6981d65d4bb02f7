import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import reasoning from '../../packages/plugin-reasoning/src/index.ts';
import { systemClock } from '../../packages/runtime/src/clock/index.ts';
import { openHome } from '../../packages/runtime/src/home/index.ts';
import { createKoraClient } from '../../packages/runtime/src/http/client.ts';
import type { KoraClient } from '../../packages/runtime/src/http/client.ts';
import { createKora } from '../../packages/runtime/src/kora.ts';
import type { Kora } from '../../packages/runtime/src/options.ts';
import { PackagesOnDisk } from '../../packages/runtime/src/plugin/testing/packages-on-disk.ts';
import { fileDatabase } from '../../packages/runtime/src/store/testing/database.ts';
import { ModelServer } from '../model-server/server.ts';
import { Line } from './line.ts';

/** One home on a real store, whose runtimes hear over a line and think by a provider on a socket of this machine. */
export class HearingHouse implements AsyncDisposable {
  readonly store: Awaited<ReturnType<typeof fileDatabase>>;
  readonly models: ModelServer;
  readonly line = new Line();
  readonly #packages: PackagesOnDisk;
  readonly #home = mkdtempSync(join(tmpdir(), 'kora-test-'));
  #kora: Kora | undefined;

  private constructor(
    store: Awaited<ReturnType<typeof fileDatabase>>,
    models: ModelServer,
    packages: PackagesOnDisk,
  ) {
    this.store = store;
    this.models = models;
    this.#packages = packages;
  }

  static async make(): Promise<HearingHouse> {
    const [store, models, packages] = await Promise.all([
      fileDatabase({ empty: true }),
      ModelServer.open({ script: [] }),
      PackagesOnDisk.create(),
    ]);
    return new HearingHouse(store, models, packages);
  }

  /** Ends the runtime that is there, if one is, and raises the next one of the same home. */
  async raise(inbound: Readonly<Record<string, unknown>> = {}): Promise<KoraClient> {
    await this.#kora?.stop('another one comes');
    this.#kora = await createKora({
      home: this.#home,
      cwd: this.#home,
      configFile: await this.#configuration(inbound),
      env: {
        KORA_DATABASE_URL: this.store.url,
        KORA_PLUGIN_REASONING_ANTHROPIC_API_KEY: 'sk-of-the-scripted-server',
        KORA_CREDIT_POOL_USD: '200',
      },
      port: 0,
      adopt: true,
      bundled: [
        await this.#packages.loaded('reasoning', manifestOfReasoning(), reasoning),
        await this.#packages.loaded('line', this.line.manifest, this.line.plugin),
      ],
    });
    const { token } = await openHome(this.#home, systemClock());
    return createKoraClient({ url: this.#kora.ready.url, token });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kora?.stop('the test ends');
    await this.models[Symbol.asyncDispose]();
    await this.#packages[Symbol.asyncDispose]();
    await this.store.drop();
    rmSync(this.#home, { recursive: true, force: true });
  }

  async #configuration(inbound: Readonly<Record<string, unknown>>): Promise<string> {
    const price = { input: 1, output: 5, cacheRead: 0.5, cacheWrite: 2 };
    const model = { provider: 'scripted', contextTokens: 100_000, maxOutputTokens: 1_000, price };
    const config = {
      reasoning: {
        providers: { scripted: { kind: 'anthropic', baseUrl: this.models.url } },
        models: [{ ...model, name: 'small', id: 'scripted-small', tier: 'small' }],
        agent: { kinds: ['general', 'inbound_message'] },
      },
    };
    const files = { 'kora.json': JSON.stringify({ plugins: { config }, inbound }) };
    return join(await this.#packages.write('config', files), 'kora.json');
  }
}

/** As the package says it, but for what its build makes. */
function manifestOfReasoning(): object {
  const path = new URL('../../packages/plugin-reasoning/package.json', import.meta.url);
  const { kora } = JSON.parse(readFileSync(path, 'utf8')) as { readonly kora: Record<string, unknown> };
  const { id, contributes, capabilities, secrets } = kora;
  return { id, contributes, capabilities, secrets };
}
