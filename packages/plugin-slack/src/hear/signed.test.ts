import { connect } from 'node:net';
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
let warned: string[];
let frozen: number | undefined;

beforeEach(async () => {
  slack = await SlackServer.start();
  door = new KeepingDoor();
  const house = houseAt(slack);
  const { operator } = slack.workspace;
  const settle = (): Promise<void> => Promise.resolve();
  const given = new AbortController();
  const ports: unknown[] = [];
  warned = [];
  frozen = undefined;
  const clock = { now: () => frozen ?? Date.now() };
  const log = {
    ...house.log,
    warn: (words: string) => void warned.push(words),
    info: (_words: string, fields?: object) => void ports.push(Reflect.get(Object(fields), 'port')),
  };
  const ear = new Ear({ door, operator, log, settle });
  const events = { host: '127.0.0.1', port: 0, path: '/slack/events' };
  const signingSecret = (): Promise<string> => Promise.resolve(secret);
  const listening = listenToRequests({ ear, door, events, clock, log, signingSecret }, given.signal);
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

/** What comes back for this, word for word. */
function said(words: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(words));
    let heard = '';
    socket.on('data', (chunk) => (heard += chunk.toString('utf8')));
    socket.on('error', reject);
    socket.on('close', () => resolve(heard));
  });
}

test('an address that is none is nobody’s, and nothing is told of it', async () => {
  expect(await said('POST // HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n')).toContain('404');
  expect(warned).toEqual([]);
});

test('whoever cannot be Slack is answered before a word of the body is there', async () => {
  const head = 'POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n';
  expect(await said(`${head}\r\n`)).toContain('401');
  const timestamp = Math.floor(Date.now() / 1_000);
  const named = `X-Slack-Request-Timestamp: ${timestamp}\r\nX-Slack-Signature: v0=${'0'.repeat(64)}\r\n`;
  expect(await said(`${head.replace('1000', '9999999')}${named}\r\n`)).toContain('413');
  expect(door.refused.map(({ reason }) => reason)).toEqual(['signature_missing']);
});

test('a body without a stated size that is too large is told so', async () => {
  const timestamp = Math.floor(Date.now() / 1_000);
  const head = `POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nX-Slack-Request-Timestamp: ${timestamp}\r\nX-Slack-Signature: v0=${'0'.repeat(64)}\r\n\r\n`;
  const chunk = `${(1_100_000).toString(16)}\r\n${'x'.repeat(1_100_000)}\r\n`;
  expect(await said(`${head}${chunk}`)).toContain('413');
});

test('a flood costs the store so much and no more', async () => {
  frozen = Date.now();
  for (let n = 0; n < 13; n += 1)
    await Promise.all(Array.from({ length: 10 }, () => fetch(url, { method: 'POST', body: 'x' })));
  expect(door.refused).toHaveLength(120);
  expect(warned).toHaveLength(1);
  frozen += 60_000;
  await fetch(url, { method: 'POST', body: 'x' });
  expect(door.refused).toHaveLength(121);
});
