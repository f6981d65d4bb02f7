import { beforeEach, describe, expect, it } from 'vitest';
import { dns, mail, ready, resolver, signed } from '../../fixtures/world.ts';
import type { Signing, Written } from '../../fixtures/world.ts';
import { bounceIn } from './bounce.ts';
import { textOfHtml } from './html.ts';
import { judgeHeaders, judgeMail } from './judge.ts';
import { resultsIn } from './results.ts';
import { wordsOf } from './text.ts';

/** Most of these took minutes before they were bounded: they fail by the time a test has. */

const trusted = { trustedHosts: ['mx.example.com'] };
const judge = (raw: string, more: object = {}) => judgeMail(Buffer.from(raw), ready(more), resolver);

/** Signed by its domain, and found good by the receiving host. */
async function passed(host: string, parts: Written, signing: Signing): Promise<string> {
  return `Authentication-Results: mx.example.com; ${host}\r\n${await signed(mail(parts), signing)}`;
}

beforeEach(() => {
  dns.away = false;
  dns.asked.length = 0;
});

describe('what a receiving host writes', () => {
  it('is not what a sender could make it write: a quote within quotes ends none', async () => {
    const address = String.raw`"x\"; dkim=pass header.d=example.org; y=\""@evil.example`;
    expect(resultsIn(`mx.example.com; spf=pass smtp.mailfrom=${address}`)?.methods).toMatchObject([
      { method: 'spf', properties: { 'smtp.mailfrom': expect.stringContaining('evil.example') } },
    ]);
    const raw = mail({
      headers: [`Authentication-Results: mx.example.com; spf=pass smtp.mailfrom=${address}`],
    });
    expect(await judge(raw, trusted)).toMatchObject({ kind: 'refuse', reason: 'dkim_missing' });
  });

  it('is believed about nothing where a quote stays open, or where it is too long to be read', () => {
    const open = 'mx.example.com; dkim=pass header.x="a header.d=example.org';
    expect(resultsIn(open)).toEqual({ host: 'mx.example.com', methods: [] });
    const long = `mx.example.com; dkim=pass header.d=example.org; x=${'a'.repeat(300_000)}`;
    expect(resultsIn(long)).toEqual({ host: 'mx.example.com', methods: [] });
  });

  it('leaves open of which words a signature was: a copy to Kora that was written in later is refused', async () => {
    const added = { to: 'bob@example.net', headers: ['Cc: kora@example.com'] };
    const dmarc = 'dkim=pass header.d=example.org; dmarc=pass header.from=example.org';
    const raw = await passed(dmarc, added, { headerList: 'from:to:subject:message-id:date' });
    expect(await judge(raw, trusted)).toMatchObject({ kind: 'refuse', reason: 'dkim_headers_uncovered' });
    const short = await passed(dmarc, {}, { maxBodyLength: 5 });
    expect(await judge(short, trusted)).toMatchObject({ kind: 'refuse', reason: 'dkim_body_uncovered' });
    // Whom the domain's own server handed it over from, nobody stood between.
    const direct = await passed(`${dmarc}; spf=pass smtp.mailfrom=joe@example.org`, added, {
      headerList: 'from:to:subject:message-id:date',
    });
    expect(await judge(direct, trusted)).toMatchObject({ kind: 'letter' });
    expect(await judge(await passed(dmarc, {}, {}), trusted)).toMatchObject({ kind: 'letter' });
  });
});

describe('who proves nothing', () => {
  it('is not waited for because name servers of their own do not answer', async () => {
    const raw = await signed(mail(), { domain: 'evil.example' });
    dns.away = true;
    expect(await judge(raw)).toMatchObject({ kind: 'refuse', reason: 'dkim_failed' });
  });

  it('does not have a name server asked a hundred times', async () => {
    const one = (await signed(mail(), { domain: 'evil.example' })).split('\r\nFrom:')[0] ?? '';
    const raw = `${`${one}\r\n`.repeat(100)}${mail()}`;
    expect(await judge(raw)).toMatchObject({ kind: 'refuse', reason: 'dkim_failed' });
    expect(dns.asked).toEqual([]);
  });

  it.each([
    ['from_malformed', `From: "${String.raw`\"`.repeat(100_000)}`],
    ['from_malformed', `From: ${'<'.repeat(100_000)}`],
    ['headers_too_large', `X-Much: ${'a'.repeat(300_000)}\r\nFrom: joe@example.org`],
    ['headers_too_large', `From: joe@example.org\r\nTo: ${'kora@example.com, '.repeat(20_000)}`],
  ])('is refused before anything is made of it: %s', (reason, head) => {
    expect(judgeHeaders(Buffer.from(`${head}\r\n\r\n`), ready())).toMatchObject({ kind: 'refuse', reason });
  });

  it('does not stop what reads reports with a long one', () => {
    const content = `Action: ${'a'.repeat(20_000_000)}`;
    const report = { mimeType: 'message/delivery-status', content, filename: null, disposition: null };
    expect(bounceIn({ headers: [], attachments: [report] } as never, 'kora@example.com')).toBeUndefined();
  });
});

describe('a page', () => {
  it.each([
    ['Hello <b>you</b><br>and <!-- not --> me', 'Hello you\nand me'],
    ['<head><title>T</title><style>a > b {}</style></head><p>one</p><p>two</p>', 'one\ntwo'],
    ['mine<blockquote>theirs<blockquote>older</blockquote></blockquote>mine too', 'minemine too'],
    ['<script>if (a<b) x("</p>")</script>after', 'after'],
    ['2 < 3 &amp; 4 &gt; 3', '2 < 3 & 4 > 3'],
    ['shown<!-- never closed', 'shown'],
    ['shown<style>never closed', 'shown'],
    ['<DIV>a</DIV>b', 'a\nb'],
  ])('%j reads %j', (html, text) => {
    expect(textOfHtml(html)).toBe(text);
  });

  it.each(['<style', '<!--', '<', '<blockquote>', '<script>', '</p', '&amp;', '\n'])(
    'of a million of %j is read in one go',
    (piece) => {
      const email = { headers: [], attachments: [], html: piece.repeat(1_000_000) } as never;
      expect(wordsOf(email).text.length).toBeLessThanOrEqual(100_000);
    },
  );

  it('of a million lines that begin like a quote is read in one go', () => {
    const email = { headers: [], attachments: [], text: 'on 1\n'.repeat(1_000_000) } as never;
    expect(wordsOf(email).text.length).toBeLessThanOrEqual(100_000);
  });
});
