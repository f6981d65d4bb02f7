import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { houseAt, KeepingDoor } from '../../fixtures/house.ts';
import { SlackServer } from '../../fixtures/slack-server.ts';
import { Ear } from './ear.ts';
import { signatureOf } from './signature.ts';
import { listenToRequests } from './signed.ts';

const secret = 'signing-secret';
let slack: SlackServer;
let door: KeepingDoor;
let url: string;
let end: () => Promise<void>;

beforeEach(async () => {
  slack = await SlackServer.start();
  door = new KeepingDoor();
  const house = houseAt(slack);
  const { operator } = slack.workspace;
  const settle = (): Promise<void> => Promise.resolve();
  const given = new AbortController();
  const ports: unknown[] = [];
  const log = {
    ...house.log,
    info: (_words: string, fields?: object) => void ports.push(Reflect.get(Object(fields), 'port')),
  };
  const ear = new Ear({ door, operator, log, settle });
  const events = { host: '127.0.0.1', port: 0, path: '/slack/events' };
  const signingSecret = (): Promise<string> => Promise.resolve(secret);
  const listening = listenToRequests(
    { ear, door, events, clock: house.clock, log, signingSecret },
    given.signal,
  );
  await vi.waitUntil(() => ports.length === 1);
  url = `http://127.0.0.1:${String(ports[0])}/slack/events`;
  end = async () => {
    given.abort();
    await listening;
    await slack[Symbol.asyncDispose]();
  };
});
afterEach(() => end());

interface Sent {
  readonly at?: number;
  readonly signature?: string;
  readonly type?: string;
}

async function send(
  body: string,
  { at = Date.now(), signature, type = 'application/json' }: Sent = {},
): Promise<Response> {
  const timestamp = String(Math.floor(at / 1_000));
  const signed = signature ?? signatureOf(timestamp, Buffer.from(body), secret);
  const headers = {
    'content-type': type,
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': signed,
  };
  return fetch(url, { method: 'POST', body, headers });
}

function event(text: string): string {
  return JSON.stringify(slack.workspace.callback(slack.workspace.written(text)));
}

test('the signature is that of the scheme v0, as Slack documents it', () => {
  const body =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
  expect(signatureOf('1531420618', Buffer.from(body), '8f742231b10e8888abcd99yyyzzz85a5')).toBe(
    'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  );
});

test('a signed event is kept before Slack is told; the address is proved by its challenge', async () => {
  expect((await send(event('hello'))).status).toBe(200);
  expect(door.texts).toEqual(['hello']);
  const asked = await send(JSON.stringify({ type: 'url_verification', token: 'x', challenge: '3eZbrw1a' }));
  expect(await asked.text()).toBe('3eZbrw1a');
});

test('what was pressed comes as a form', async () => {
  const { operator } = slack.workspace;
  const payload = {
    type: 'block_actions',
    user: { id: operator },
    actions: [{ action_id: 'kora_approve', value: 'K7Q2M4TR', action_ts: '1.2' }],
  };
  const form = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  expect((await send(form, { type: 'application/x-www-form-urlencoded' })).status).toBe(200);
  expect(door.decided).toMatchObject([{ code: 'K7Q2M4TR', verdict: 'approve' }]);
});

test.each([
  ['signature_mismatch', { signature: `v0=${'0'.repeat(64)}` }],
  ['signature_mismatch', { signature: 'v0=short' }],
  ['stale', { at: Date.now() - 301_000 }],
  ['stale', { at: Date.now() + 310_000 }],
])('refused as %s: %j', async (reason, sent) => {
  expect((await send(event('let me in'), sent)).status).toBe(401);
  expect(door.refused).toMatchObject([{ reason, providerId: null }]);
  expect(door.accepted).toEqual([]);
});

test('a request without a signature is refused, and so is one that comes twice', async () => {
  expect((await fetch(url, { method: 'POST', body: event('x') })).status).toBe(401);
  const body = event('once');
  const at = Date.now();
  expect((await send(body, { at })).status).toBe(200);
  expect((await send(body, { at })).status).toBe(401);
  expect(door.refused.map(({ reason }) => reason)).toEqual(['signature_missing', 'replayed']);
  expect(door.texts).toEqual(['once']);
});

test('what could not be kept may come again as it is (daemon defect W71)', async () => {
  door.failing = 1;
  const body = event('do not lose me');
  const at = Date.now();
  expect((await send(body, { at })).status).toBe(503);
  expect((await send(body, { at })).status).toBe(200);
  expect(door.texts).toEqual(['do not lose me']);
});

test('what is no event is taken and is nothing; what is too large or elsewhere is not read', async () => {
  expect((await send('{"broken')).status).toBe(200);
  expect((await send('x'.repeat(1_048_577))).status).toBe(413);
  expect((await fetch(url)).status).toBe(405);
  expect((await fetch(new URL('/', url))).status).toBe(404);
  expect(door.accepted).toEqual([]);
});
