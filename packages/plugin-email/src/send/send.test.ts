import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { MailServer } from '../../fixtures/smtp.ts';
import { House, ready } from '../../fixtures/world.ts';
import { emailChannel } from '../channel.ts';
import type { OutboundMessage } from '@kora/runtime/plugin';
import { fitting, requireSendable } from './guard.ts';
import { isOwnMessageId, messageIdOf } from './message-id.ts';
import { refusalOf } from './refusal.ts';

const mib = 1024 * 1024;

const message: OutboundMessage = {
  messageId: 1,
  key: 'alert:disk',
  thread: 'incident:1',
  severity: 'critical',
  title: 'The disk is full',
  body: 'Nothing is written any more.\n\nA < B & "C"',
  source: 'alert_investigation',
  correlationId: null,
  attachments: [],
  createdAt: '2026-11-22T07:00:00.000Z',
  attempt: 1,
};

async function scene(more: object = {}) {
  const server = await MailServer.open();
  const house = new House();
  const channel = emailChannel({ config: ready(more, 1, server.port), context: house.context });
  const send = (parts: Partial<OutboundMessage> = {}) =>
    channel.send({ ...message, ...parts }, AbortSignal.timeout(20_000));
  const mails = () => Promise.all(server.taken.map(({ raw }) => PostalMime.parse(raw)));
  return { server, house, channel, send, mails, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe('a mail to the operator', () => {
  it('goes out as text and HTML, under an id that its key makes', async () => {
    await using at = await scene({ copies: ['ann@example.net'] });
    const { receipt } = await at.send();
    expect(receipt).toBe(messageIdOf('main', 'alert:disk', 'kora@example.com'));
    expect(at.server.taken[0]).toMatchObject({
      from: 'kora@example.com',
      to: ['joe@example.org', 'ann@example.net'],
    });
    const [mail] = await at.mails();
    expect(mail).toMatchObject({
      messageId: receipt,
      subject: 'The disk is full',
      text: expect.stringContaining('A < B'),
    });
    expect(mail?.html).toContain('A &lt; B &amp; &quot;C&quot;');
    const headers = Object.fromEntries((mail?.headers ?? []).map(({ key, value }) => [key, value]));
    expect(headers).toMatchObject({
      'auto-submitted': 'auto-generated',
      importance: 'high',
      date: 'Sun, 22 Nov 2026 07:00:00 +0000',
    });
    expect(headers['in-reply-to']).toBeUndefined();
  });

  it('is the same mail when it is sent again, so that it can be told', async () => {
    await using at = await scene();
    expect(await at.send()).toEqual(await at.send({ attempt: 2 }));
    expect(await at.send({ key: 'another' })).not.toEqual(await at.send());
  });

  it('stands under the first of its thread', async () => {
    await using at = await scene();
    const threadReceipt = messageIdOf('main', 'first', 'kora@example.com');
    await at.send({ threadReceipt });
    expect(await at.mails()).toMatchObject([{ inReplyTo: threadReceipt, references: threadReceipt }]);
  });

  it('answers what came in: its subject, its id and those before it', async () => {
    await using at = await scene();
    const details = {
      messageId: '<c@x.org>',
      references: ['<a@x.org>', '<b@x.org>'],
      subject: 'Re: re: Boats',
    };
    await at.send({ inReplyTo: { conversation: '<a@x.org>', providerId: '<c@x.org>', details } });
    const [mail] = await at.mails();
    expect(mail).toMatchObject({
      subject: 'Re: Boats',
      inReplyTo: '<c@x.org>',
      references: '<a@x.org> <b@x.org> <c@x.org>',
    });
    expect(mail?.headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-replied');
  });

  it('offers to approve or deny by its code', async () => {
    await using at = await scene();
    await at.send({ decision: { code: 'K7Q2M4TR', expiresAt: '2026-11-22T09:00:00Z' } });
    const [mail] = await at.mails();
    expect(mail?.text).toContain('approve K7Q2M4TR\nor\ndeny K7Q2M4TR');
    expect(mail?.html).toContain('href="mailto:kora%40example.com?subject=approve%20K7Q2M4TR');
  });

  it('asks the question, and says what each word does', async () => {
    await using at = await scene();
    const question = 'incident 1: the disk. Do you know of it?';
    const labels = { approve: 'I know of it', deny: 'Quiet <1 h' };
    const expiresAt = '2026-11-22T09:00:00Z';
    await at.send({ decision: { code: 'K7Q2M4TR', expiresAt, question, labels } });
    const [mail] = await at.mails();
    expect(mail?.text).toContain(`${question}\n\nAnswer this mail with one line`);
    expect(mail?.text).toContain('\napprove: I know of it\ndeny: Quiet <1 h');
    expect(mail?.html).toContain(`<p>${question}</p>`);
    expect(mail?.html).toContain('<b>I know of it</b>');
    expect(mail?.html).toContain('<b>Quiet &lt;1 h</b>');
  });

  it('cannot be given a header by its title', async () => {
    await using at = await scene();
    await at.send({ title: 'x\r\nBcc: mallory@evil.example' });
    expect(at.server.taken[0]?.to).toEqual(['joe@example.org']);
    expect((await at.mails())[0]?.bcc).toBeUndefined();
  });

  it('carries files, and says which it could not', async () => {
    await using at = await scene();
    const file = (name: string, size: number) => ({
      name,
      type: 'text/plain',
      size,
      content: Buffer.from(name),
    });
    at.house.files = { art_1: file('log.txt', 7), art_2: file('large.txt', 11 * mib) };
    await at.send({ attachments: ['art_0', 'art_1', 'art_2'] });
    const [mail] = await at.mails();
    expect(mail?.attachments.map(({ filename }) => filename)).toEqual(['log.txt']);
    expect(mail?.text).toContain('Not attached: art_0');
    expect(mail?.text).toContain('"kora artifact save art_2" has it');
  });
});

describe('a mail that is not taken', () => {
  it.each([
    ['rcpt', 550, { permanent: true }],
    ['data', 554, { permanent: true }],
    ['rcpt', 451, { retryAfterMs: 60_000 }],
    ['data', 452, { retryAfterMs: 60_000 }],
  ] as const)('at %s with %i is told to the outbox', async (where, code, details) => {
    await using at = await scene();
    at.server.answers.push({ at: where, code });
    await expect(at.send()).rejects.toMatchObject({ code: 'KORA_CHANNEL_REFUSED', details });
    await at.send();
    expect(at.server.taken).toHaveLength(1);
  });

  it('for the operator is a refusal though a copy was taken, and for a copy is none', async () => {
    await using at = await scene({ copies: ['ann@example.net'] });
    at.server.answers.push({ at: 'rcpt', code: 550, to: 'ann@example.net' });
    await at.send();
    at.server.answers.push({ at: 'rcpt', code: 550, to: 'joe@example.org' });
    await expect(at.send()).rejects.toMatchObject({ details: { permanent: true } });
  });

  it('for want of a server is tried again by the outbox, in its own time', async () => {
    const at = await scene();
    await at[Symbol.asyncDispose]();
    await expect(at.send()).rejects.toThrow('the mail server was not reached');
    await expect(at.send()).rejects.toMatchObject({ code: 'PLUGIN_EMAIL_UNREACHED' });
  });

  it('for a wrong password names no password', async () => {
    await using at = await scene();
    at.house.secrets = { PASSWORD: 'hunter22' };
    const refused = await at.send().catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'KORA_CHANNEL_REFUSED', details: { permanent: true } });
    expect(String(refused)).not.toContain('hunter22');
    const { message: told } = refusalOf(new Error('AUTH hunter22 aHVudGVyMjI='), {
      password: 'hunter22',
      server: { what: 'smtp', host: 'smtp.example.com', port: 465, tls: 'implicit' },
    });
    expect(told).toContain('AUTH [password] [password]');
  });

  it('ends when it is broken off', async () => {
    await using at = await scene();
    await expect(at.channel.send(message, AbortSignal.abort())).rejects.toThrow('abort');
  });
});

describe('before a word is said to a server', () => {
  const mail = { from: 'kora@example.com', to: ['joe@example.org'], fromDomains: ['example.com'] };

  it.each([
    ['another domain', { fromDomains: ['example.org'] }],
    ['no recipient', { to: [] }],
    ['eleven recipients', { to: Array.from({ length: 11 }, (_, n) => `a${n}@example.org`) }],
    ['no address', { to: ['joe'] }],
  ])('%s is refused for ever', (_what, more) => {
    expect(() => requireSendable(mail)).not.toThrow();
    const attempt = () => requireSendable({ ...mail, ...more });
    expect(attempt).toThrow(
      expect.objectContaining({ code: 'KORA_CHANNEL_REFUSED', details: { permanent: true } }),
    );
  });

  it('files that fit are chosen in order: 10 MiB each, 25 MiB together', () => {
    const sizes = (...all: number[]) => all.map((size) => ({ size: size * mib }));
    expect(fitting(sizes(10, 10, 5)).left).toEqual([]);
    expect(fitting(sizes(10.1, 1)).left).toEqual(sizes(10.1));
    expect(fitting(sizes(10, 10, 6, 5)).left).toEqual(sizes(6));
  });

  it('an id is known as its own, and nobody else gives it', () => {
    const id = messageIdOf('main', 'k', 'kora@example.com');
    expect(isOwnMessageId(id, 'kora@example.com')).toBe(true);
    expect(isOwnMessageId(id, 'kora@example.org')).toBe(false);
    expect(messageIdOf('other', 'k', 'kora@example.com')).not.toBe(id);
  });
});
