import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Child } from '../e2e/harness/child.ts';
import type { House, Up } from '../e2e/harness/house.ts';
import { freePort } from '../e2e/harness/ports.ts';
import type { StoreConnection } from '../e2e/harness/store.ts';
import { until } from '../e2e/harness/wait.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const shopProgram = join(root, 'examples', 'watch-a-service', 'shop.mjs');
const feedEveryMs = 100;
const feeders = 3;

/**
 * A house with a shop to watch, the errands plugin and a wire, and a feeder that adds errands all the while. A key
 * counts as acknowledged when the API said so; a key whose answer was cut off is offered again until it is.
 */
export class Scene {
  readonly house: House;
  readonly acknowledged: Set<string> = new Set();
  up: Up | undefined;
  #offered = 0;
  #feeding: Promise<unknown> = Promise.resolve();
  #fed = new AbortController();
  #shop: Child | undefined;
  #shopPort = 0;
  #wireLog = '';
  #wirePort = '';

  constructor(house: House) {
    this.house = house;
  }

  async prepare(): Promise<void> {
    this.#shopPort = await freePort();
    this.#wireLog = this.house.file('wire.log', '');
    const wire = this.house.startNode([join(root, 'chaos', 'wire.ts'), this.#wireLog]);
    this.#wirePort = await until('the wire', () => /^\d+$/m.exec(wire.stdout)?.[0]);
    this.#installErrands();
    await this.openShop();
  }

  /** Opens it if it is not open. */
  async openShop(): Promise<void> {
    if (this.#shop !== undefined) return;
    this.#shop = this.house.startNode([shopProgram], { SHOP_PORT: String(this.#shopPort) });
    const shop = this.#shop;
    await until('the shop to open', () => shop.stdout.includes('the shop is open'));
  }

  async killShop(): Promise<void> {
    this.#shop?.signal('SIGKILL');
    await this.#shop?.ended;
    this.#shop = undefined;
  }

  /** Starts the runtime and leaves it to the caller whether to wait for it. */
  start(): Child {
    return this.house.start(['up', '--json', '--port', '0'], { env: this.#env() });
  }

  async raise(): Promise<Up> {
    this.up = await this.house.up([], { env: this.#env() });
    return this.up;
  }

  /** Throws when the errands plugin does not run: then nothing would be worked, and nothing proven. */
  async expectErrands(): Promise<void> {
    const plugins = await this.house.api().plugins();
    const { state, reason } = plugins.find(({ id }) => id === 'errands') ?? { state: 'absent', reason: null };
    if (state !== 'loaded' && state !== 'proven') throw new Error(`errands is ${state}: ${reason?.message}`);
  }

  feed(): void {
    this.#feeding = Promise.all(Array.from({ length: feeders }, () => this.#feed(this.#fed.signal)));
  }

  /** Ends the feeding; the errand that is on its way is acknowledged first, so a runtime must be there. */
  async sate(): Promise<void> {
    this.#fed.abort();
    await this.#feeding;
  }

  store(): Promise<StoreConnection> {
    return this.house.store();
  }

  /** Keys as they reached the outside, repeats included. */
  wired(): string[] {
    return readFileSync(this.#wireLog, 'utf8').split('\n').filter(Boolean);
  }

  async #feed(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#offered += 1;
      const name = `e${this.#offered}`;
      const errand = { kind: 'errand', title: name, payload: { name }, idempotencyKey: name };
      while (!this.acknowledged.has(name)) {
        const known = await this.#offer(errand);
        if (known) this.acknowledged.add(name);
        await sleep(feedEveryMs);
      }
    }
  }

  async #offer(errand: Parameters<ReturnType<House['api']>['tickets']['add']>[0]): Promise<boolean> {
    try {
      await this.house.api().tickets.add(errand);
      return true;
    } catch {
      // The runtime is away or went away meanwhile: the outcome is unknown, and the key makes asking again safe.
      return false;
    }
  }

  /** As an operator's project would look after an installation, with a link to the runtime's build. */
  #installErrands(): void {
    const { house } = this;
    const modules = join(house.box, 'node_modules');
    mkdirSync(join(modules, '@kora'), { recursive: true });
    symlinkSync(join(root, 'packages', 'runtime'), join(modules, '@kora', 'runtime'));
    cpSync(join(root, 'chaos', 'errands'), join(modules, 'kora-plugin-errands'), { recursive: true });
    house.file('package.json', { private: true, dependencies: { 'kora-plugin-errands': '1.0.0' } });
    const shop = {
      kind: 'http',
      name: 'shop',
      url: `http://127.0.0.1:${this.#shopPort}/health`,
      everyMs: 500,
    };
    house.file('kora.json', {
      // Hundreds of errands are told in a minute, each by itself.
      messages: { perMinute: 100_000, staleMinutes: 1_440 },
      plugins: { trusted: ['errands'], config: { probes: { probes: [shop] } } },
    });
  }

  #env(): Record<string, string> {
    return { ERRANDS_WIRE: `http://127.0.0.1:${this.#wirePort}/` };
  }
}
