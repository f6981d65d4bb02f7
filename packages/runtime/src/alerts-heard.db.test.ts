import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from './clock/index.ts';
import type { Clock } from './clock/index.ts';
import { openHome } from './home/index.ts';
import { createKoraClient } from './http/client.ts';
import type { KoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import type { InboundDoor, OutboundMessage } from './message/index.ts';
import type { Kora } from './options.ts';
import { entryOf, PackagesOnDisk } from './plugin/testing/packages-on-disk.ts';
import { fileDatabase } from './store/testing/database.ts';

/** Two ways to the operator in this process; what they were handed, and what they hear, is the test's. */
interface Line {
  readonly told: (OutboundMessage & { readonly receipt: string })[];
  readonly settled: string[];
  door?: InboundDoor;
}
const lines: Readonly<Record<'chat' | 'mail', Line>> = {
  chat: { told: [], settled: [] },
  mail: { told: [], settled: [] },
};
let isOpen = false;
Object.assign(globalThis, { heardLines: lines, doorIsOpen: () => isOpen });

const plugin = entryOf(
  'lines',
  `
  for (const [name, line] of Object.entries(globalThis.heardLines))
    await context.registerChannel({
      name,
      send: async (message) => {
        const receipt = 'D1/' + name + line.told.length;
        line.told.push({ ...message, receipt });
        return { receipt };
      },
      settle: async (receipt, outcome) => void line.settled.push(receipt + ' ' + outcome),
      listen: async (door, signal) => {
        line.door = door;
        await new Promise((over) => signal.addEventListener('abort', over));
      },
    });
  await context.registerProbe({ name: 'door', kind: 'test', target: 'the door', everyMs: 100, severity: 'critical',
    check: async () => globalThis.doorIsOpen()
      ? { status: 'unhealthy', details: {}, error: 'it stands open' } : { status: 'healthy', details: {} } });
`,
);
const manifest = { id: 'lines', contributes: { probes: ['door'], channels: ['chat', 'mail'], events: [] } };
const config = {
  messages: { channels: ['chat', 'inbox'] },
  alerts: { settleSeconds: 0, routes: { also: ['mail'] } },
};

/** Once the house is up, the next look at alerts is a moment away. */
function hurried(): Clock & { isUp: boolean } {
  const real = systemClock();
  const clock = {
    ...real,
    isUp: false,
    sleep: (ms: number, signal?: AbortSignal) => real.sleep(clock.isUp && ms === 15_000 ? 20 : ms, signal),
  };
  return clock;
}

let kora: Kora;
let api: KoraClient;
let packages: PackagesOnDisk;
let made: Awaited<ReturnType<typeof fileDatabase>>;
beforeAll(async () => {
  packages = await PackagesOnDisk.create();
  const folder = await packages.plugin('lines', manifest, plugin);
  made = await fileDatabase({ empty: true });
  const home = await packages.write('home', { 'kora.json': JSON.stringify(config) });
  const clock = hurried();
  const env = { KORA_DATABASE_URL: made.url };
  kora = await createKora({ home, cwd: home, env, port: 0, bundled: [folder], clock });
  clock.isUp = true;
  const { token } = await openHome(home, systemClock());
  api = createKoraClient({ url: kora.ready.url, token });
}, 60_000);
afterAll(async () => {
  await kora.stop('the test ends');
  await packages[Symbol.asyncDispose]();
  await made.drop();
});

const soon = { timeout: 20_000, interval: 20 };
const titles = ({ told }: Line): string[] => told.map(({ title }) => title);
let replies = 0;
/** What the operator writes over a line, under a message that it was handed. */
async function reply(line: Line, text: string, under?: string): Promise<void> {
  replies += 1;
  await line.door?.accept({
    providerId: `m${replies}`,
    conversation: under?.replace('/', ':') ?? `new${replies}`,
    sender: { id: 'U1' },
    text,
    authenticatedBy: 'a_test',
    trusted: true,
  });
}
const alertOf = async (source: string) =>
  (await api.alerts({ status: 'active' })).alerts.find((each) => each.source === source);

test('an incident is told on the way of its severity and besides, and one answer ends it on both', async () => {
  await expect.poll(() => lines.mail.door, soon).toBeDefined();
  isOpen = true;
  await expect.poll(() => titles(lines.mail), soon).toEqual(['🚨 Probe alert · door']);
  await expect.poll(() => titles(lines.chat), soon).toEqual(['🚨 Probe alert · door']);
  await expect
    .poll(() => alertOf('unhealthy_service'), soon)
    .toMatchObject({ heardOver: expect.any(String) });
  const alert = await alertOf('unhealthy_service');
  expect(alert?.tellings.map(({ channel }) => channel).toSorted()).toEqual(['chat', 'mail']);
  expect(alert?.tellings.map(({ receipt }) => receipt).toSorted()).toEqual(['D1/chat0', 'D1/mail0']);
  expect(alert?.nextReminder).toMatchObject({ channel: 'chat', reminder: 1, of: 4 });
  const [waits, ...more] = await api.decisions();
  expect([waits?.kind, waits?.subject, more]).toEqual(['incident', String(alert?.incidentId), []]);

  const code = lines.mail.told[0]?.decision?.code ?? 'none';
  await reply(lines.mail, `approve ${code}`);
  await expect.poll(() => titles(lines.chat), soon).toContain('👁 Known · door');
  expect((await api.incident(alert?.incidentId ?? 0)).acknowledgedAt).not.toBeNull();
  expect(await api.decisions()).toEqual([]);
  await expect.poll(() => [lines.chat.settled.length, lines.mail.settled.length], soon).toEqual([1, 1]);
  expect(lines.chat.settled[0]).toMatch(/^D1\/chat0 approved \(mail\): incident \d+: /);
  await expect
    .poll(() => alertOf('unhealthy_service'), soon)
    .toMatchObject({ acknowledgedBy: 'operator', nextReminder: null });
  isOpen = false;
  await expect
    .poll(() => titles(lines.mail).filter((title) => title.includes('Recovered')), soon)
    .toHaveLength(1);
});

test('while it is paused, one word in the thread of the alert says that it is known', async () => {
  // By a program outside, which asked nobody; one that the operator approved is theirs.
  const place = (owner: string) =>
    made.database.query(
      `insert into kora.hold (workspace_id, cause, owner, reason) select workspace_id, 'operator', $1, 'a deploy'
       from kora.workspace`,
      [owner],
    );
  for (const sql of [
    `insert into kora.approval (workspace_id, capability, what, caller, call_id, arguments_hash, expires_at)
     select workspace_id, 'cap_mcp_control', 'tool:kora__request_pause', 'mcp:asks', 'c1', repeat('a', 64),
       now() + interval '1 hour' from kora.workspace`,
    `update kora.approval set status = 'approved', decided_at = now(), decided_by = 'operator', decision_reason = 'yes'`,
    `update kora.approval set status = 'used', used_at = clock_timestamp()`,
  ])
    await made.database.query(sql);
  await place('mcp:asks');
  await expect.poll(() => alertOf('paused'), soon).toMatchObject({ acknowledgedBy: 'operator', owed: null });
  await api.resume('it was mine');
  await expect.poll(() => alertOf('paused'), soon).toBeUndefined();
  expect([...titles(lines.chat), ...titles(lines.mail)].join()).not.toContain('Kora is paused');
  await place('mcp:desk');
  await expect.poll(() => titles(lines.chat), soon).toContain('🚨 Alert · Kora is paused');
  await expect.poll(() => titles(lines.mail), soon).toContain('🚨 Alert · Kora is paused');
  // A reply in its thread finds the alert by the receipt of the line that it comes over.
  const overChat = async () =>
    (await alertOf('paused'))?.tellings.find(({ channel }) => channel === 'chat')?.receipt;
  await expect.poll(overChat, soon).toEqual(expect.any(String));
  const told = lines.chat.told.find(({ title }) => title === '🚨 Alert · Kora is paused');
  await reply(lines.chat, 'Ack, the deploy is mine', told?.receipt);
  await expect
    .poll(() => alertOf('paused'), soon)
    .toMatchObject({ acknowledgedBy: 'operator', acknowledgeReason: 'the deploy is mine' });
  await expect.poll(() => titles(lines.mail), soon).toContain('👁 Known · Kora is paused');
  // Where it was said the answer says so.
  expect(titles(lines.chat)).not.toContain('👁 Known · Kora is paused');
  const answer = () => lines.chat.told.find(({ inReplyTo }) => inReplyTo !== undefined)?.body;
  await expect.poll(answer, soon).toBe('Known: Kora is paused. Nobody is reminded of it any more.');
  await expect.poll(() => api.decisions(), soon).toEqual([]);
  await reply(lines.chat, 'ack', told?.receipt);
  await expect
    .poll(() => lines.chat.told.at(-1)?.body, soon)
    .toBe('That is known already: nobody is reminded of it.');
  await reply(lines.chat, 'ack 999');
  await expect.poll(() => lines.chat.told.at(-1)?.body, soon).toBe('There is no alert 999 that goes on.');
});
