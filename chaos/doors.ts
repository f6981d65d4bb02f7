// Knocks at every door of a built runtime that the network reaches, with requests that are mutated at random: the
// operator's API, MCP, signed webhooks. Most carry what opens the door, so that what lies behind it is met.
//   npm run build && node doors.ts [N a door] [SEED]
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { House } from '../e2e/harness/house.ts';
import { freePort } from '../e2e/harness/ports.ts';
import { knock } from './doors/knock.ts';
import type { Heard } from './doors/knock.ts';
import { mutated } from './doors/mutate.ts';
import type { Written } from './doors/mutate.ts';
import { randomFrom } from './random.ts';

const [, , count = '10000', given = '1'] = process.argv;
const random = randomFrom(Number(given));
const secret = 'chaos-secret-of-forty-characters-0123456789';
const atOnce = 8;
/** What a runtime may hold more of after all of it, in MiB: caches and code that was not loaded before. */
const mostMoreMiB = 200;

await using house = new House();
const webhooks = await freePort();
const rules = [
  { ticket: { kind: 'general', title: '{body.text}', payload: { host: '{body.host|unknown}' } } },
];
const source = { secrets: ['SECRET_1'], rules, perMinute: 6_000 };
const block = { webhooks: { port: webhooks, sources: { script: source } } };
const { child, ready } = await house.up(
  ['--config', house.file('kora.json', { plugins: { config: block } })],
  {
    env: { KORA_PLUGIN_WEBHOOKS_SECRET_1: secret },
  },
);
const port = Number(new URL(ready.url).port);
const operator = readFileSync(join(house.home, 'api-token'), 'utf8').trim();
const { token } = await house
  .api()
  .mcpTokens.add({ name: 'chaos', grants: ['read_runtime', 'ticket_create'], reason: 'a fault run' });
// A pause: what is asked for is taken, and nothing is worked.
await house.api().pause('a fault run');

const json = ['Host: 127.0.0.1', 'Content-Type: application/json', 'Connection: close'];
const api = [
  'pause',
  'capabilities/grants',
  'approvals/1/approve',
  'tickets/1/cancel',
  'decisions/1',
  'channels/inbox/check',
  'spend/release',
  'incidents/1/ack',
  'phrasebook/test',
  'pairing',
  'pair',
  'sessions/1/revoke',
  'tickets',
];
const reads = [
  'status',
  'events?after=0&limit=5',
  'tickets?lane=queued',
  'messages',
  'inbound',
  'decisions',
  'incidents',
  'probes',
  'boot',
  'snapshot',
  'caller',
  'sessions',
];
const calls = ['tools/list', 'resources/list', 'initialize', 'ping'];
const tools = [
  'kora__get_operational_state',
  'kora__list_tickets',
  'kora__create_ticket',
  'kora__request_stop',
  'kora__get_ticket',
];

const doors: Readonly<Record<string, { readonly port: number; readonly next: () => Written }>> = {
  api: {
    port,
    next: () => {
      const key = `Authorization: Bearer ${operator}`;
      const isRead = random() < 0.5;
      const head = isRead ? [`GET /api/${one(reads)} HTTP/1.1`] : [`POST /api/${one(api)} HTTP/1.1`];
      const body = isRead
        ? ''
        : JSON.stringify({ reason: 'a fault run', id: 1, text: 'status?', level: 1, kind: 'x', title: 'x' });
      return {
        head: [...head, ...json.map((line) => line.replace('127.0.0.1', `127.0.0.1:${port}`)), key],
        body,
      };
    },
  },
  mcp: {
    port,
    next: () => {
      const isCall = random() < 0.6;
      const params = isCall
        ? {
            name: one(tools),
            arguments: { ticketId: 1, title: 'x', kind: 'general', level: 1, reason: 'r', limit: 5 },
          }
        : {};
      const body = JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: isCall ? 'tools/call' : one(calls),
        params,
      });
      const host = json.map((line) => line.replace('127.0.0.1', `127.0.0.1:${port}`));
      const accept = 'Accept: application/json, text/event-stream';
      return { head: ['POST /mcp HTTP/1.1', ...host, accept, `Authorization: Bearer ${token}`], body };
    },
  },
  webhooks: {
    port: webhooks,
    next: () => {
      const body = JSON.stringify({ text: `n ${random()}`, host: 'db-2' });
      const now = Math.floor(Date.now() / 1_000);
      const signature = createHmac('sha256', secret).update(`${now}.${body}`).digest('hex');
      const head = [
        'POST /webhooks/script HTTP/1.1',
        ...json,
        `X-Kora-Timestamp: ${now}`,
        `X-Kora-Signature: sha256=${signature}`,
      ];
      return { head, body };
    },
  },
};

const before = memoryMiB();
let broken = 0;
for (const [name, door] of Object.entries(doors)) {
  const heard = new Map<string, number>();
  const wrong: string[] = [];
  for (let n = 0; n < Number(count); n += atOnce) {
    const written = Array.from({ length: atOnce }, () => mutated(door.next(), random));
    const answers: Heard[] = await Promise.all(written.map((bytes) => knock(door.port, bytes)));
    for (const [at, answer] of answers.entries()) {
      heard.set(String(answer), (heard.get(String(answer)) ?? 0) + 1);
      // 501 and 505: what HTTP calls a method or version that nobody has.
      const isWrong = typeof answer === 'number' && answer >= 500 && answer !== 501 && answer !== 505;
      if (isWrong && wrong.length < 3)
        wrong.push(`${answer}: ${JSON.stringify(written[at]?.toString('latin1').slice(0, 600))}`);
      if (isWrong) broken += 1;
    }
    if (child.end !== undefined)
      throw new Error(`the runtime ended: ${JSON.stringify(child.end).slice(0, 2_000)}`);
  }
  const story = [...heard].sort(([, a], [, b]) => b - a).map(([what, times]) => `${what} ${times}`);
  console.log(`${name}: ${story.join(', ')}`);
  for (const line of wrong) console.log(`  BROKEN ${line}`);
}
const more = memoryMiB() - before;
const { primaryState } = await house.api().status();
const { ok } = await house.api().verify();
console.log(
  `afterwards ${primaryState}, chain ${ok ? 'verified' : 'BROKEN'}, memory ${before} MiB and ${more} more`,
);
const good = broken === 0 && ok && more < mostMoreMiB;
console.log(good ? 'every law held' : 'BROKEN');
process.exitCode = good ? 0 : 1;

function one<T>(list: readonly [T, ...T[]] | readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}

function memoryMiB(): number {
  const line = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${ready.pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(line) / 1_024);
}
