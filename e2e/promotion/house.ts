import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import email from '../../packages/plugin-email/src/index.ts';
import probes from '../../packages/plugin-probes/src/index.ts';
import reasoning from '../../packages/plugin-reasoning/src/index.ts';
import loops from '../../packages/promote-loops/src/index.ts';
import { openHome } from '../../packages/runtime/src/home/index.ts';
import { createKoraClient } from '../../packages/runtime/src/http/client.ts';
import type { KoraClient } from '../../packages/runtime/src/http/client.ts';
import { createKora } from '../../packages/runtime/src/kora.ts';
import type { Kora } from '../../packages/runtime/src/options.ts';
import type { Plugin } from '../../packages/runtime/src/plugin/contract.ts';
import { PackagesOnDisk } from '../../packages/runtime/src/plugin/testing/packages-on-disk.ts';
import { fileDatabase } from '../../packages/runtime/src/store/testing/database.ts';
import { ensureWorkspace } from '../../packages/runtime/src/workspace/index.ts';
import { until } from '../harness/wait.ts';
import { ModelServer } from '../model-server/server.ts';
import { Mailbox } from './mailbox.ts';
import type { Month } from './month.ts';
import { MovedClock } from './moved-clock.ts';
import { writeHappenings } from './write-events.ts';
import { withOffered, writeBefore, writeQuestions } from './write.ts';
import { Yard } from './yard.ts';

const bin = fileURLToPath(new URL('../../packages/cli/src/bin.ts', import.meta.url));
const workspace = 'home';

/** Dollars for a million tokens: the middle model costs three times the small one, the large one ten times. */
const price = {
  small: { input: 1, output: 5, cacheRead: 0.5, cacheWrite: 2 },
  middle: { input: 3, output: 15, cacheRead: 1.5, cacheWrite: 6 },
  large: { input: 10, output: 50, cacheRead: 5, cacheWrite: 20 },
};

/**
 * A house with a month behind it: a real runtime on a real store, all of its doors open, whose models are a server on a
 * socket of this machine, whose mails lie in a mailbox on another, and whose yard is in the hands of the test.
 */
export class PromotionHouse implements AsyncDisposable {
  readonly store: Awaited<ReturnType<typeof fileDatabase>>;
  readonly models: ModelServer;
  readonly mailbox: Mailbox;
  readonly clock = new MovedClock();
  readonly yard: Yard;
  readonly home: string = mkdtempSync(join(tmpdir(), 'kora-month-'));
  readonly #packages: PackagesOnDisk;
  #owner = { workspaceId: 0, runtimeId: '' };
  #later = 0;
  #kora: Kora | undefined;
  #client: KoraClient | undefined;

  private constructor(
    store: PromotionHouse['store'],
    models: ModelServer,
    mailbox: Mailbox,
    packages: PackagesOnDisk,
    yard: Yard,
  ) {
    this.yard = yard;
    this.store = store;
    this.models = models;
    this.mailbox = mailbox;
    this.#packages = packages;
  }

  /** A house in which this month was; `loopBlocks` is merged over what the loops are configured to. */
  static async after(
    month: () => Month,
    loopBlocks: Readonly<Record<string, object>> = {},
    yard = new Yard(),
  ): Promise<PromotionHouse> {
    const made = new PromotionHouse(
      await fileDatabase(),
      await ModelServer.open({ script: () => ({ text: 'There is nothing to say.' }) }),
      await Mailbox.open(),
      await PackagesOnDisk.create(),
      yard,
    );
    await made.#begin(month, loopBlocks);
    return made;
  }

  get client(): KoraClient {
    if (this.#client === undefined) throw new Error('nothing runs');
    return this.#client;
  }

  /** Runs `kora` as the operator does, in a process of its own; its output. Throws with what it said when it fails. */
  kora(...args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const all = ['--conditions=@kora/source', bin, '--home', this.home, ...args];
      const env = { PATH: process.env['PATH'], HOME: this.home, NO_COLOR: '1' };
      execFile(process.execPath, all, { cwd: this.home, env }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`kora ${args.join(' ')}: ${stdout}${stderr}`));
      });
    });
  }

  /** So many more mails came that the operator saved by hand, since the month was over. */
  async savesMore(times: number): Promise<void> {
    const { database } = this.store;
    const mails = Array.from({ length: times }, () => {
      this.#later += 1;
      const messageId = `<later.${this.#later}@quay.example>`;
      const subject = `Berth request for MV Later ${this.#later}`;
      return { messageId, atMs: Date.now() - 7_200_000, subject, about: 'berth', saved: true };
    });
    const [{ seq } = { seq: 0 }] = await database.query<{ seq: number }>('select seq from kora.chain_head');
    await writeHappenings({ database, ...this.#owner }, { asked: [], mails });
    // What is staged by another is sealed with the next event of the house's own.
    await this.client.runPromotionLoop('promote_snapshot_expand', 'to have something to seal');
    await until('the mails to stand on the chain', async () => {
      const [row] = await database.query<{ of: number }>(
        `select count(*)::int as of from kora.event where seq > $1 and type = 'email.intent_judged'`,
        [seq],
      );
      return row?.of === times;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kora?.stop('the test ends');
    await this.models[Symbol.asyncDispose]();
    await this.mailbox[Symbol.asyncDispose]();
    await this.#packages[Symbol.asyncDispose]();
    await this.store.drop();
    rmSync(this.home, { recursive: true, force: true });
  }

  async #begin(monthOf: () => Month, loopBlocks: Readonly<Record<string, object>>): Promise<void> {
    const { database } = this.store;
    const { runtimeId } = await openHome(this.home, this.clock);
    const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, workspace));
    this.#owner = { workspaceId, runtimeId };
    const into = { database, workspaceId, runtimeId };
    const month = monthOf();
    // Its events are sealed by this runtime when it starts, before its own.
    await writeBefore(into, month);
    await this.#raise(loopBlocks);
    // A new house has a cycle due at once; the month is to be there as a whole when it is looked at.
    await until('every loop to have had its first turn', async () =>
      (await this.client.promotionLoops()).every(({ lastRun }) => lastRun !== null),
    );
    for (const capability of ['cap_yard_look', 'cap_yard_mend'])
      await this.client.grantCapability({
        to: { kind: 'plugin', subject: 'reasoning' },
        capability,
        reason: 'it may',
      });
    const advertised = new Map<string, string[]>();
    for (const { name, offeredOn } of await this.client.tools())
      for (const route of offeredOn) advertised.set(route, [...(advertised.get(route) ?? []), name]);
    await writeQuestions(
      { ...into, advertised },
      month.asked.map((each) => withOffered(each, advertised)),
    );
  }

  async #raise(loopBlocks: Readonly<Record<string, object>>): Promise<void> {
    const bundled = await Promise.all([
      this.#packed('plugin-reasoning', reasoning),
      this.#packed('plugin-probes', probes),
      this.#packed('plugin-email', email),
      this.#packed('promote-loops', loops),
      this.#packages.loaded('yard', this.yard.manifest, this.yard.plugin),
    ]);
    this.#kora = await createKora({
      home: this.home,
      cwd: this.home,
      configFile: await this.#configuration(loopBlocks),
      env: {
        KORA_DATABASE_URL: this.store.url,
        KORA_PLUGIN_REASONING_ANTHROPIC_API_KEY: 'sk-of-the-scripted-server',
        KORA_OPERATOR_EMAIL: 'joe@example.org',
        KORA_PLUGIN_EMAIL_PASSWORD: 'sesame',
        KORA_CREDIT_POOL_USD: '200',
      },
      port: 0,
      workspace,
      adopt: true,
      bundled,
      clock: this.clock,
    });
    const { token } = await openHome(this.home, this.clock);
    this.#client = createKoraClient({ url: this.#kora.ready.url, token });
  }

  /** A first-party plugin from its source, as its package says it but for what its build makes. */
  #packed(folder: string, plugin: Plugin): Promise<string> {
    const path = new URL(`../../packages/${folder}/package.json`, import.meta.url);
    const { kora } = JSON.parse(readFileSync(path, 'utf8')) as { readonly kora: Record<string, unknown> };
    const { configSchema: _made, entry: _built, ...block } = kora;
    return this.#packages.loaded(folder, block, plugin);
  }

  async #configuration(loopBlocks: Readonly<Record<string, object>>): Promise<string> {
    const model = { provider: 'scripted', contextTokens: 100_000, maxOutputTokens: 1_000 };
    const config = {
      reasoning: {
        providers: { scripted: { kind: 'anthropic', baseUrl: this.models.url } },
        models: [
          { ...model, name: 'small', id: 'scripted-small', tier: 'small', price: price.small },
          { ...model, name: 'middle', id: 'scripted-middle', tier: 'standard', price: price.middle },
          { ...model, name: 'large', id: 'scripted-large', tier: 'large', price: price.large },
        ],
      },
      probes: { builtin: false },
      email: this.mailbox.configuration,
      'promote-loops': { loops: loopBlocks },
    };
    const files = { 'kora.json': JSON.stringify({ plugins: { config } }) };
    return join(await this.#packages.write('config', files), 'kora.json');
  }
}
