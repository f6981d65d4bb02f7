import { beforeEach, describe, expect, it } from 'vitest';
import { dns, mail, ready, resolver, signed } from '../../fixtures/world.ts';
import type { Signing, Written } from '../../fixtures/world.ts';
import { judgeMail, oversize } from './judge.ts';

const evil = 'mallory@evil.example';

async function judge(raw: string, more: object = {}) {
  return judgeMail(Buffer.from(raw), ready({ allow: [evil, 'ann@example.net'], ...more }), resolver);
}

const signedAs = async (parts: Written, signing?: Signing) => signed(mail(parts), signing);

beforeEach(() => {
  dns.away = false;
  dns.dmarc = {};
});

describe('the sender of a mail', () => {
  it('is believed when the domain of From signed it, found over DNS', async () => {
    expect(await judge(await signedAs({}))).toMatchObject({
      kind: 'letter',
      letter: { from: 'joe@example.org', fromOperator: true, authenticatedBy: 'dkim_aligned' },
    });
  });

  it('of what was never read takes nobody else the id: the mail that has it is still to come', async () => {
    const raw = await signedAs({});
    expect(oversize(Buffer.from(raw), 9_000_000)).toMatchObject({
      reason: 'oversize',
      providerId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
    const { letter } = (await judge(raw)) as { readonly letter: { readonly providerId: string } };
    expect(letter.providerId).not.toMatch(/^sha256:/);
  });

  it('is not believed for what stands in From alone (daemon defect W72)', async () => {
    expect(await judge(mail())).toMatchObject({ kind: 'refuse', reason: 'dkim_missing' });
  });

  it.each([
    ['dkim_not_aligned', {}, { domain: 'evil.example' }],
    ['several_from_headers', { headers: [`From: ${evil}`] }, {}],
    ['several_senders', { from: `joe@example.org, ${evil}` }, {}],
    ['group_syntax', { from: `joe@example.org: ${evil};` }, { domain: 'evil.example' }],
    ['display_name_trick', { from: `"joe@example.org" <${evil}>` }, { domain: 'evil.example' }],
    ['homograph', { from: 'joe@xn--exmple-cua.org' }, { domain: 'evil.example' }],
    ['not_allowed', { from: 'mallory@example.net' }, { domain: 'example.net' }],
    ['header_repeated', { headers: ['Subject: Another'] }, {}],
    ['wrong_recipient', { to: 'bob@example.net' }, {}],
    ['auto_reply', { headers: ['Auto-Submitted: auto-replied'] }, {}],
    ['auto_reply', { headers: ['Return-Path: <>'] }, {}],
    ['mailing_list', { headers: ['List-Id: <boats.example.org>'] }, {}],
    ['mailing_list', { headers: ['Precedence: bulk'] }, {}],
    ['own_message', { messageId: '<kora.0123456789abcdef0123456789abcdef@example.com>' }, {}],
    ['dkim_headers_uncovered', {}, { headerList: 'from:to:date' }],
    ['dkim_headers_uncovered', {}, { headerList: 'from:subject:message-id' }],
  ] as const)('is refused: %s (%j, signed %j)', async (reason, parts, signing) => {
    expect(await judge(await signedAs(parts, signing))).toMatchObject({ kind: 'refuse', reason });
  });

  it.each([
    ['the body', (raw: string) => raw.replace('going', 'GOING')],
    ['the subject', (raw: string) => raw.replace('A word', '[save] it')],
    ['the id', (raw: string) => raw.replace(/<m\d+@/, '<other@')],
    ['the recipient', (raw: string) => raw.replace('To: kora@', 'To: x <y@example.net>, kora@')],
  ])('is refused when %s was changed under way', async (_what, change) => {
    const changed = change(await signedAs({}));
    expect(await judge(changed)).toMatchObject({ kind: 'refuse', reason: 'dkim_failed' });
  });

  it('is refused when words were added behind what is signed', async () => {
    const raw = await signedAs({}, { maxBodyLength: 5 });
    expect(await judge(raw)).toMatchObject({ kind: 'refuse', reason: 'dkim_body_uncovered' });
  });

  it('is held to the closeness that its domain demands', async () => {
    const parts = { from: 'joe@example.org' };
    const raw = await signedAs(parts, { domain: 'mail.example.org' });
    expect(await judge(raw)).toMatchObject({ kind: 'letter' });
    dns.dmarc = { '_dmarc.example.org': 'v=DMARC1; p=reject; adkim=s' };
    expect(await judge(raw)).toMatchObject({ kind: 'refuse', reason: 'dmarc_failed' });
    expect(await judge(await signedAs(parts))).toMatchObject({ kind: 'letter' });
  });

  it('is waited for while the name servers are away', async () => {
    const raw = await signedAs({});
    dns.away = true;
    expect(await judge(raw)).toMatchObject({ kind: 'later' });
    dns.away = false;
    expect(await judge(raw)).toMatchObject({ kind: 'letter' });
  });
});

describe('a receiving host that is trusted', () => {
  const trusted = { trustedHosts: ['mx.example.com'] };
  const says = (line: string) => mail({ headers: [`Authentication-Results: ${line}`] });

  it.each([
    ['dmarc_pass', 'mx.example.com; dmarc=pass (p=NONE) header.from=example.org'],
    ['dkim_aligned', 'mx.example.com; dkim=pass header.d=example.org header.s=x'],
    ['dkim_aligned', 'mx.example.com 1; spf=fail; dkim=pass header.i=@example.org'],
    ['spf_aligned', 'mx.example.com; spf=pass (sender ok) smtp.mailfrom=joe@example.org'],
  ])('is believed: %s', async (authenticatedBy, line) => {
    expect(await judge(says(line), trusted)).toMatchObject({ kind: 'letter', letter: { authenticatedBy } });
  });

  it.each([
    ['dkim_missing', 'another host', 'mx.evil.example; dmarc=pass header.from=example.org'],
    [
      'dkim_missing',
      'another domain',
      'mx.example.com; dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=evil.example',
    ],
    [
      'dkim_missing',
      'words in a comment',
      'mx.example.com; spf=fail (dkim=pass; dmarc=pass header.from=example.org) smtp.mailfrom=x@evil.example',
    ],
    [
      'dkim_missing',
      'words in quotes',
      'mx.example.com; spf=none smtp.helo="x; dmarc=pass header.from=example.org"',
    ],
    [
      'dmarc_failed',
      'a failure',
      'mx.example.com; dkim=pass header.d=example.org; dmarc=fail header.from=example.org',
    ],
  ])('does not make a mail believed: %s for %s', async (reason, _what, line) => {
    expect(await judge(says(line), trusted)).toMatchObject({ kind: 'refuse', reason });
  });

  it('is heard in its topmost words: a forged header stands below', async () => {
    const raw = mail({
      headers: [
        'Authentication-Results: mx.example.com; dmarc=fail header.from=example.org',
        'Received: from evil.example by mx.example.com; Sun, 22 Nov 2026 07:00:00 +0000',
        'Authentication-Results: mx.example.com; dmarc=pass header.from=example.org',
      ],
    });
    expect(await judge(raw, trusted)).toMatchObject({ kind: 'refuse', reason: 'dmarc_failed' });
  });

  it('is nobody unless it was named', async () => {
    const raw = says('mx.example.com; dmarc=pass header.from=example.org');
    expect(await judge(raw)).toMatchObject({ kind: 'refuse', reason: 'dkim_missing' });
    expect(await judge(raw, { trustedHosts: ['*.example.com'] })).toMatchObject({ kind: 'letter' });
    expect(await judge(raw, { trustedHosts: ['*.ple.com'] })).toMatchObject({ kind: 'refuse' });
  });
});

describe('what a mail is known by', () => {
  it('is its Message-ID, and for somebody else with their address: they cannot take the id of a mail to come', async () => {
    const messageId = '<one@example.org>';
    expect(await judge(await signedAs({ messageId }))).toMatchObject({ letter: { providerId: messageId } });
    const other = await signedAs({ messageId, from: 'ann@example.net' }, { domain: 'example.net' });
    expect(await judge(other)).toMatchObject({
      letter: { providerId: `ann@example.net ${messageId}`, fromOperator: false },
    });
  });

  it('is the digest of every byte where it has none', async () => {
    const raw = await signedAs({ messageId: null });
    const twice = [await judge(raw), await judge(raw)];
    expect(twice[0]).toMatchObject({
      letter: { providerId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
    });
    expect(twice[0]).toEqual(twice[1]);
  });
});

describe('a mail that cannot be read', () => {
  it.each([
    ['no boundary', 'Content-Type: multipart/mixed', 'x\r\n'],
    ['an end that never comes', 'Content-Type: multipart/mixed; boundary="b"', '--b\r\n\r\nx\r\n'],
    ['nothing in it', 'Content-Type: multipart/mixed; boundary="b"', '--b--\r\n'],
    ['no type', 'Content-Type: /', 'x\r\n'],
  ])('is put aside: %s', async (_what, header, body) => {
    const raw = await signedAs({ headers: [header], body });
    expect(await judge(raw)).toMatchObject({ kind: 'quarantine', reason: 'mime_broken' });
  });
});
