import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { selfSigned } from '../packages/plugin-probes/fixtures/certificate.ts';
import { configSchema } from '../packages/plugin-probes/src/config.ts';
import { probeSpecs } from '../packages/plugin-probes/src/specs.ts';
import { systemClock } from '../packages/runtime/src/clock/index.ts';
import { probeBench } from '../packages/runtime/src/probe/testing/bench.ts';

const dayMs = 86_400_000;
const page = readFileSync(new URL('../docs/probes.md', import.meta.url), 'utf8');

/** Six ways in which a web server fails, each a real one on this machine, looked at twice through the runtime's own fold. */
test('docs/probes.md says of each of six failures what the operator is told', async () => {
  const failures = await sixFailures();
  const config = configSchema.parse({ builtin: false, probes: failures.map(({ probe }) => probe) });
  const specs = await probeSpecs(config, { clock: systemClock(), secret: () => Promise.resolve(undefined) });
  const bench = await probeBench();
  for (const spec of specs) {
    await bench.probe(spec);
    for (let look = 0; look < 2; look += 1) {
      await bench.probes.runNow(spec.name);
      bench.clock.jump(spec.everyMs);
    }
  }
  const incidents = await bench.incidents();
  const messages = await bench.messages();
  const rows = failures.map(({ what, probe: { name } }) => {
    const incident = incidents.find((each) => each.probe === name);
    const told = messages.filter(({ thread }) => thread === `incident:${incident?.incidentId}`);
    expect(told.map(({ title }) => title)).toEqual([expect.stringMatching(/ Probe alert · shop\d$/)]);
    const [message] = told;
    expect(message?.severity).toBe(incident?.severity);
    const said = message?.body.split('\n', 1)[0] ?? '';
    return `| ${what} | ${incident?.category} | ${incident?.severity} | ${message?.title.split(' ')[0]} | ${plainly(said)} |`;
  });
  expect(tableIn(page)).toEqual(rows);
});

interface Failure {
  readonly what: string;
  readonly probe: { readonly name: string; readonly [key: string]: unknown };
}

async function sixFailures(): Promise<readonly Failure[]> {
  const expired = selfSigned(Date.now() - 30 * dayMs, Date.now() - 3 * dayMs);
  const folder = mkdtempSync(join(tmpdir(), 'kora-ca-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, expired.cert);
  const key = expired.key.export({ type: 'pkcs8', format: 'pem' });
  const gone = await serve(createServer(), 'http');
  await gone.close();
  const mute = await serve(createServer(listener(() => new Promise(() => {}))), 'http');
  const old = await serve(createSecureServer({ key, cert: expired.cert }), 'https');
  const other = await serve(createServer(listener(() => Promise.resolve('under maintenance'))), 'http');
  const slow = await serve(createServer(listener(() => wait(60, 'ok'))), 'http');
  const keys: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ['refused connection', { url: gone.url }],
    ['DNS failure', { url: 'http://shop.invalid/' }],
    ['timeout', { url: mute.url, timeoutMs: 200 }],
    ['expired certificate', { url: old.url, caFile }],
    ['wrong body', { url: other.url, bodyIncludes: 'ok' }],
    ['slow answer', { url: slow.url, slowMs: 20 }],
  ];
  return keys.map(([what, more], at) => ({ what, probe: { kind: 'http', name: `shop${at + 1}`, ...more } }));
}

function listener(answer: () => Promise<string>): RequestListener {
  return (_request, response) => void answer().then((text) => response.end(text));
}

async function serve(server: Server, scheme: string): Promise<{ url: string; close(): Promise<void> }> {
  // A handshake that the look breaks off is told here too.
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    if (server.listening) await once(server.close(), 'close');
  };
  onTestFinished(close);
  return { url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`, close };
}

/** What differs from run to run, as the page writes it. */
function plainly(text: string): string {
  return text
    .replace(/^shop\d/, 'shop')
    .replace(/127\.0\.0\.1:\d+/, 'shop.example')
    .replace('shop.invalid', 'shop.example')
    .replace(/\((?:ENOTFOUND|EAI_AGAIN)\)/, '(ENOTFOUND)')
    .replace(/after [\d.]+ ms, slower/, 'after … ms, slower')
    .replace(/on \d{4}-\d\d-\d\d$/, 'on …');
}

/** The rows of the page's table of failures. */
function tableIn(text: string): readonly string[] {
  const [, after = ''] = text.split('| what fails |');
  return after
    .split('\n')
    .slice(2)
    .slice(0, 6)
    .map((line) => line.trim());
}
