import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';
import type { House } from '../harness/house.ts';
import type { Thinking } from '../harness/thinking.ts';

/** Probes that are unwell while a file of their name is there, a channel to a page in the test, and a loop that reads its draft. */
const guestText = `
import { existsSync, readFileSync } from 'node:fs';
import { KoraError, definePlugin } from '@kora/runtime/plugin';
const wired = JSON.parse(readFileSync('wired.json', 'utf8'));
const measured = [{ name: 'precision', before: null, after: 1, samples: 40 }];
const gain = { microUsdPerDay: 2_000_000, secondsPerDay: 60 };
export default definePlugin({ id: 'wired', async register(context) {
  for (const [name, severity] of Object.entries(wired.probes))
    await context.registerProbe({ name, kind: 'test', target: 'the ' + name, everyMs: 100, consecutive: 1, severity,
      check: async () => existsSync(name + '.broken')
        ? { status: 'unhealthy', details: {}, error: 'the ' + name + ' is broken' } : { status: 'healthy', details: {} } });
  if (wired.pager) await context.registerChannel({ name: 'pager', async send(message, signal) {
    const answer = await fetch(wired.pager, { method: 'POST', body: message.title, signal });
    if (answer.status === 200) return { receipt: message.key };
    if (answer.status !== 503) throw new Error('the pager answers ' + answer.status);
    throw new KoraError('KORA_CHANNEL_REFUSED', 'the pager asks for patience', { details: { retryAfterMs: 600_000 } });
  } });
  await context.registerLoop({ name: 'promote_wired', means: 'Proposes what it is handed.', kinds: ['phrasebook.entry'],
    settings: { enabled: true, everyHours: 168, windowDays: 7, expiryDays: 14, trialHours: 24, applyLowRisk: false },
    observe: async () => ({ observed: 40, drafts: existsSync('drafts.json') ? JSON.parse(readFileSync('drafts.json', 'utf8')) : [] }),
    examine: async () => ({ passed: true, why: '40 of 40 held-out answers are the same', figures: measured, gain }),
    measure: async () => ({ verdict: 'unclear', why: 'too early', figures: measured, gain }) });
} });
`;

const kora = {
  id: 'wired',
  api: 1,
  entry: './index.js',
  capabilities: [],
  needs: { network: true },
};

export interface Wiring {
  /** Probes by name, each with how bad its failure is. */
  readonly probes?: Readonly<Record<string, 'critical' | 'warning'>>;
  /** Where the channel `pager` goes; left out, there is none. */
  readonly pager?: string;
}

/** Puts the plugin `wired` beside what a house has, trusted, before it is raised. */
export function wire(house: House, { probes = {}, pager }: Wiring = {}): void {
  const folder = join(house.box, 'node_modules', 'kora-plugin-wired');
  mkdirSync(folder, { recursive: true });
  const contributes = {
    probes: Object.keys(probes),
    loops: ['promote_wired'],
    ...(pager === undefined ? {} : { channels: ['pager'] }),
  };
  const manifest = { name: 'kora-plugin-wired', version: '1.0.0', type: 'module', exports: './index.js' };
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ ...manifest, keywords: ['kora-plugin'], kora: { ...kora, contributes } }),
  );
  writeFileSync(join(folder, 'index.js'), guestText);
  house.file('wired.json', { probes, pager });
  const host = packages.parse(JSON.parse(readFileSync(join(house.box, 'package.json'), 'utf8')));
  house.file('package.json', {
    ...host,
    dependencies: { ...host.dependencies, 'kora-plugin-wired': '1.0.0' },
  });
}

const packages = z.looseObject({ dependencies: z.record(z.string(), z.string()) });

/** `more` over what a thinking house is configured to, with the plugin trusted and the probes of the machine left out. */
export function configured(thinking: Thinking, more: Readonly<Record<string, unknown>> = {}): void {
  const { house } = thinking;
  const written = configuration.parse(JSON.parse(readFileSync(join(house.box, 'kora.json'), 'utf8')));
  const { trusted, config } = written.plugins;
  const plugins = { trusted: [...trusted, 'wired'], config: { ...config, probes: { builtin: false } } };
  house.file('kora.json', { ...written, ...more, plugins });
}

const configuration = z.looseObject({
  plugins: z.looseObject({ trusted: z.array(z.string()), config: z.record(z.string(), z.unknown()) }),
});

/** Breaks what a probe looks at. */
export function broken(house: House, name: string): void {
  house.file(`${name}.broken`, '');
}

export function mended(house: House, name: string): void {
  rmSync(join(house.box, `${name}.broken`));
}

/** Where the channel goes: it takes, refuses, or asks for ten minutes of patience, as it is told. */
export class Pager implements AsyncDisposable {
  answers: 200 | 500 | 503 = 200;
  readonly taken: string[] = [];
  readonly #server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      if (this.answers === 200) this.taken.push(body);
      response.writeHead(this.answers).end();
    });
  });

  static async open(): Promise<Pager> {
    const pager = new Pager();
    pager.#server.listen(0, '127.0.0.1');
    await once(pager.#server, 'listening');
    return pager;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the pager is closed');
    return `http://127.0.0.1:${address.port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await ended;
  }
}
