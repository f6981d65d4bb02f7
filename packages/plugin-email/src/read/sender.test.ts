import { describe, expect, it } from 'vitest';
import { headersOf, repeatedHeader } from './headers.ts';
import { isAllowed, senderOf, writtenTo } from './sender.ts';

const from = (...values: string[]) =>
  senderOf(headersOf(Buffer.from(`${values.map((value) => `From: ${value}`).join('\r\n')}\r\n\r\n`)));

describe('who a mail says it is from', () => {
  it.each([
    ['joe@example.org', ''],
    ['<joe@example.org>', ''],
    ['Joe <Joe@Example.ORG>', 'Joe'],
    ['"Doe, Joe" <joe@example.org>', 'Doe, Joe'],
    ['joe@example.org (Joe)', 'Joe'],
    ['"joe@example.org" <joe@example.org>', ''],
    ['=?utf-8?Q?J=C3=B6e?= <joe@example.org>', 'Jöe'],
  ])('is read: %s', (value, name) => {
    expect(from(value)).toEqual({ ok: true, address: 'joe@example.org', name });
  });

  it.each([
    ['from_missing', []],
    ['from_missing', ['']],
    ['several_from_headers', ['joe@example.org', 'mallory@evil.example']],
    ['several_senders', ['joe@example.org, mallory@evil.example']],
    ['group_syntax', ['joe@example.org:mallory@evil.example;']],
    ['group_syntax', ['Friends: joe@example.org;']],
    ['display_name_trick', ['"joe@example.org" <mallory@evil.example>']],
    ['display_name_trick', ['"Operator <joe@example.org>" <mallory@evil.example>']],
    ['display_name_trick', ['joe@example.org (x) <mallory@evil.example>']],
    ['display_name_trick', ['=?utf-8?Q?joe=40example.org?= <mallory@evil.example>']],
    ['display_name_trick', ['"joe＠example.org" <mallory@evil.example>']],
    ['display_name_trick', ['mallory@evil.example (joe@example.org)']],
    ['from_malformed', ['<joe@example.org> <mallory@evil.example>']],
    ['from_malformed', ['Joe']],
    ['from_malformed', ['joe@localhost']],
    ['from_malformed', ['joe\u0000@example.org']],
    ['homograph', ['jоe@example.org']],
    ['homograph', ['joe@xn--exmple-cua.org']],
  ] as const)('is nobody: %s for %j', (reason, values) => {
    expect(from(...values)).toMatchObject({ ok: false, reason });
  });

  it('unfolds a header, and does not take a word of the body for one', () => {
    const raw = Buffer.from('From: Joe\r\n <joe@example.org>\r\n\r\nFrom: mallory@evil.example\r\n');
    expect(senderOf(headersOf(raw))).toMatchObject({ ok: true, address: 'joe@example.org' });
  });
});

describe('who may write', () => {
  it('is nobody unless they are listed, by address or by domain', () => {
    expect(isAllowed('joe@example.org', [])).toBe(false);
    expect(isAllowed('joe@example.org', ['joe@example.org'])).toBe(true);
    expect(isAllowed('joe@example.org', ['@example.org'])).toBe(true);
    expect(isAllowed('joe@evilexample.org', ['@example.org'])).toBe(false);
    expect(isAllowed('joe@sub.example.org', ['@example.org'])).toBe(false);
  });
});

describe('whom a mail is to', () => {
  const to = (...lines: string[]) =>
    writtenTo(headersOf(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)), 'kora@example.com');

  it('is Kora by address, in To or Cc, with a tag or without', () => {
    expect(to('To: Kora <KORA@example.com>')).toBe('to');
    expect(to('To: kora+ideas@example.com')).toBe('to');
    expect(to('To: bob@example.net', 'Cc: kora@example.com')).toBe('cc');
    expect(to('To: "kora@example.com" <bob@example.net>')).toBeUndefined();
    expect(to('Bcc: kora@example.com')).toBeUndefined();
  });

  it('says which header stands twice', () => {
    const headers = headersOf(Buffer.from('Subject: a\r\nReceived: x\r\nReceived: y\r\nSubject: b\r\n\r\n'));
    expect(repeatedHeader(headers)).toBe('subject');
  });
});
