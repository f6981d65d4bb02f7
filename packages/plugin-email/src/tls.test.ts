import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../../plugin-probes/fixtures/certificate.ts';
import { ImapServer } from '../fixtures/imap-server.ts';
import { MailServer } from '../fixtures/smtp.ts';
import { House, mail, ready, resolver, signed } from '../fixtures/world.ts';
import { emailChannel } from './channel.ts';

const dayMs = 86_400_000;
const folder = await mkdtemp(join(tmpdir(), 'kora-mail-'));
afterAll(() => rm(folder, { recursive: true }));

/** A certificate for loopback, with the file that an operator would name. */
async function certificate(name: string, until = Date.now() + dayMs, ip?: readonly number[]) {
  const made = selfSigned(Date.now() - 2 * dayMs, until, ip);
  const caFile = join(folder, `${name}.pem`);
  await writeFile(caFile, made.cert);
  return { key: made.key.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: made.cert, caFile };
}

const own = await certificate('own');
const foreign = await certificate('foreign');

type Mode = 'implicit' | 'starttls';

async function servers(mode: Mode | undefined, { key, cert } = own) {
  const tls = mode === undefined ? {} : { tls: { mode, key, cert } };
  const imap = await ImapServer.open(tls);
  const smtp = await MailServer.open(tls);
  const house = new House();
  const channel = (how: object) =>
    emailChannel({
      config: ready({ smtp: how, imap: how }, imap.port, smtp.port),
      context: house.context,
      resolver,
      idleAfterMs: 20,
    });
  const check = async (how: object) => channel(how).check?.(AbortSignal.timeout(20_000));
  return {
    imap,
    smtp,
    house,
    channel,
    check,
    [Symbol.asyncDispose]: async () => {
      await imap[Symbol.asyncDispose]();
      await smtp[Symbol.asyncDispose]();
    },
  };
}

describe.each(['implicit', 'starttls'] as const)('servers with %s TLS', (mode) => {
  it('are believed by the authority that is named: mail goes out and comes in, and no login is said in the clear', async () => {
    await using at = await servers(mode);
    const channel = at.channel({ tls: mode, caFile: own.caFile });
    const message = {
      messageId: 1,
      key: 'k',
      thread: 't',
      severity: 'info',
      title: 'A word',
      body: 'How is it going?',
      source: 'test',
      correlationId: null,
      attachments: [],
      createdAt: '2026-11-22T07:00:00.000Z',
      attempt: 1,
    } as const;
    await channel.send(message, AbortSignal.timeout(20_000));
    expect(at.smtp.taken).toHaveLength(1);
    expect(at.smtp.logins).toEqual([{ sealed: true }]);
    const over = new AbortController();
    const listening = channel.listen?.(at.house.door, over.signal);
    at.imap.deliver(await signed(mail({ text: 'Well.' })));
    await expect.poll(() => at.house.accepted.map(({ text }) => text)).toEqual(['A word\n\nWell.']);
    over.abort();
    await listening;
  });

  it('are not believed by themselves, nor by an authority of somebody else', async () => {
    await using at = await servers(mode);
    const not = (what: string, port: number) =>
      `the certificate of 127.0.0.1:${port} is not believed: .*; ${what}.caFile names an authority of your own`;
    const both = new RegExp(`${not('smtp', at.smtp.port)}; and .*${not('imap', at.imap.port)}$`);
    for (const more of [{}, { caFile: foreign.caFile }])
      expect(await at.check({ tls: mode, ...more })).toEqual({
        ok: false,
        detail: expect.stringMatching(both),
      });
    expect(at.smtp.logins).toEqual([]);
    expect(at.imap.heard.filter((line) => line.startsWith('LOGIN'))).toEqual([]);
  });
});

describe('a login', () => {
  it.each([
    ['by default', 'implicit', 'does not begin with TLS'],
    ['where STARTTLS is asked for', 'starttls', 'does not offer STARTTLS'],
  ] as const)('is not said in the clear %s', async (_when, tls, why) => {
    await using at = await servers(undefined);
    expect(await at.check({ tls })).toEqual({
      ok: false,
      detail: expect.stringMatching(new RegExp(`${why}.*; and .*${why}`)),
    });
    expect(at.imap.heard.filter((line) => /^(?:LOGIN|AUTHENTICATE)/i.test(line))).toEqual([]);
    expect(at.smtp.logins).toEqual([]);
  });

  it('may be said in the clear on loopback alone', () => {
    expect(() => ready({ smtp: { host: 'smtp.example.com' } })).toThrow('loopback alone');
    expect(() => ready({ imap: { host: 'imap.example.com' } })).toThrow('loopback alone');
  });
});
