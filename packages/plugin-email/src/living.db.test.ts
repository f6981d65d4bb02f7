import assert from 'node:assert/strict';
import type { Email } from 'postal-mime';
import { expect, onTestFinished, test } from 'vitest';
import { fileDatabase } from '../../runtime/src/store/testing/database.ts';
import { Living } from '../fixtures/living.ts';
import { mail, signed } from '../fixtures/world.ts';
import type { Written } from '../fixtures/world.ts';

const letter = (parts: Written = {}): Promise<string> => signed(mail(parts));

test('a runtime writes mail, reads it and is killed: an incident in one thread, a decision by a line, each word of the operator answered once, nobody else believed, and what comes back told elsewhere (daemon defect W72)', async () => {
  const living = await opened();
  const { imap, operator } = living;
  const payloads = async (type: string): Promise<Readonly<Record<string, unknown>>[]> =>
    (await living.operator.events({ type, limit: 200, order: 'asc' })).map(({ payload }) => payload);

  // What is wrong is told, and what becomes of it stands under it.
  living.door('it is stuck');
  const alert = await sent(living, /Probe alert · door/);
  living.door(undefined);
  const end = await sent(living, /Recovered · door/);
  expect(end).toMatchObject({ inReplyTo: alert.messageId, references: alert.messageId });

  // It came back: the next channel tells it, once, and it stands as failed.
  const { messageId = '' } = alert;
  for (let copy = 0; copy < 2; copy += 1) imap.deliver(bounceOf(messageId));
  await expect
    .poll(() => payloads('notification.returned'))
    .toMatchObject([{ channel: 'email', to: 'inbox', reason: expect.stringContaining('550 no such user') }]);
  const told = await operator.messages({ limit: 100 });
  expect(told.filter(({ title }) => title === alert.subject)).toMatchObject([
    { channel: 'email', status: 'failed' },
    { channel: 'inbox', body: expect.stringContaining('It was sent over email and came back') },
  ]);

  // A question that comes twice is answered once, where it was asked; two ideas are one ticket, and not a believed one.
  const question = await letter({ subject: 'How are you?', messageId: '<q@example.org>' });
  const idea = await letter({ subject: 'idea: a boat', messageId: '<i@example.org>' });
  const forged = [
    mail(),
    mail({ headers: ['Authentication-Results: mx.example.com; dkim=pass header.d=example.org'] }),
    await signed(mail(), { domain: 'evil.example' }),
    await signed(mail({ from: '"Operator <joe@example.org>" <mallory@evil.example>' })),
    await letter({ headers: ['From: mallory@evil.example'] }),
  ];
  for (const raw of [
    question,
    question,
    ...forged,
    idea,
    idea,
    await letter({ subject: 'idea: a boat too' }),
  ])
    imap.deliver(raw);
  expect(await sent(living, /^Re: How are you\?/)).toMatchObject({ inReplyTo: '<q@example.org>' });
  expect(await sent(living, /^Re: idea: a boat$/)).toMatchObject({ inReplyTo: '<i@example.org>' });
  expect(await living.operator.tickets.list()).toEqual(
    expect.arrayContaining([expect.objectContaining({ title: 'idea: a boat', trusted: false })]),
  );
  await expect
    .poll(async () => (await payloads('email.intent_read')).map(({ action }) => action))
    .toEqual(['logged_only', 'created', 'cap_exceeded']);
  // What is called off before anybody began was no ticket.
  const [boat] = (await operator.tickets.list()).filter(({ title }) => title === 'idea: a boat');
  assert.ok(boat);
  await operator.tickets.cancel(boat.ticketId, 'no boat');
  const judged = {
    verdict: 'unwanted',
    how: 'cancelled',
    message_id: '<i@example.org>',
    ticket: boat.ticketId,
  };
  await expect
    .poll(() => payloads('email.intent_judged'))
    .toMatchObject([{ ...judged, pattern: 'subject_idea_prefix', subject: 'idea: a boat' }]);
  await expect
    .poll(async () => (await payloads('kora.message.refused')).map(({ reason, sender }) => [reason, sender]))
    .toEqual([
      ['dkim_missing', 'joe@example.org'],
      ['dkim_not_aligned', 'joe@example.org'],
      ['display_name_trick', '"Operator <joe@example.org>" <mallory@evil.example>'],
      ['several_from_headers', 'mallory@evil.example'],
    ]);

  // A line decides.
  const drill = await operator.startDrill({ reason: 'a test', waitMs: 60_000 });
  const asked = await sent(living, /drill/);
  const [text = ''] = /^approve \w{8}$/m.exec(asked.text ?? '') ?? [];
  imap.deliver(
    await letter({ subject: `Re: ${asked.subject}`, headers: [`In-Reply-To: ${asked.messageId}`], text }),
  );
  await expect
    .poll(() => operator.decision(drill.decisionId))
    .toMatchObject({ status: 'answered', verdict: 'approve', answeredVia: 'email' });

  // Killed between the fetch and the answer of whoever proves it; the mailbox numbers its mails anew meanwhile.
  living.names.mute = true;
  const last = imap.deliver(await letter({ subject: 'And now?', messageId: '<last@example.org>' }));
  await expect
    .poll(() => imap.heard.some((line) => line.startsWith(`UID FETCH ${last} (UID BODY`)))
    .toBe(true);
  await living.kill();
  living.names.mute = false;
  for (const { flags } of imap.mails) flags.clear();
  imap.renumber();
  await living.up();
  await expect.poll(() => imap.mails.every(({ flags }) => flags.size > 0)).toBe(true);

  // A connection that is cut while it idles loses nothing either.
  const idle = imap.heard.length;
  await expect.poll(() => imap.heard.slice(idle).includes('IDLE')).toBe(true);
  const port = await imap.away();
  imap.deliver(await letter({ subject: 'Still there?', messageId: '<cut@example.org>' }));
  await imap.back(port);
  expect(await sent(living, /^Re: Still there\?/)).toMatchObject({ inReplyTo: '<cut@example.org>' });
  const handled = await living.operator.inbound.list({ limit: 100 });
  const ids = handled.map(({ providerId }) => providerId).filter((id) => /^<(?:q|i|last|cut)@/.test(id));
  expect(ids.toSorted()).toEqual([
    '<cut@example.org>',
    '<i@example.org>',
    '<last@example.org>',
    '<q@example.org>',
  ]);
  const answers = (await living.mails()).filter(({ subject = '' }) => /^Re: (?:How|And|Still)/.test(subject));
  expect(answers.map(({ inReplyTo = '' }) => inReplyTo).toSorted()).toEqual([
    '<cut@example.org>',
    '<last@example.org>',
    '<q@example.org>',
  ]);
  expect(await payloads('notification.returned')).toHaveLength(1);
}, 60_000);

async function opened(): Promise<Living> {
  const store = await fileDatabase({ empty: true });
  onTestFinished(store.drop);
  const living = await Living.at(store.url);
  onTestFinished(() => living.end());
  return living;
}

/** The one mail with that subject, once it was sent. */
async function sent(living: Living, subject: RegExp): Promise<Email> {
  const look = async (): Promise<Email[]> =>
    (await living.mails()).filter((each) => subject.test(each.subject ?? ''));
  await expect.poll(async () => (await look()).length, { message: String(subject) }).toBe(1);
  const [found] = await look();
  assert.ok(found);
  return found;
}

/** As the operator's own server writes it. */
function bounceOf(messageId: string): string {
  const body = [
    '--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n',
    '--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n',
    'Final-Recipient: rfc822; joe@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n',
    'Diagnostic-Code: smtp; 550 no such user\r\n\r\n',
    `--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: ${messageId}\r\n\r\n--b--\r\n`,
  ].join('');
  const type = 'Content-Type: multipart/report; report-type=delivery-status; boundary=b';
  return mail({ from: 'MAILER-DAEMON@mx.example.org', headers: ['Return-Path: <>', type], body });
}
