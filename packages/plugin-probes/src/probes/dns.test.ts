import { describe, expect, it } from 'vitest';
import { handClock, spentClock } from '../../fixtures/clock.ts';
import { DnsServer } from '../../fixtures/dns-server.ts';
import { configSchema } from '../config.ts';
import type { DnsProbe } from '../config.ts';
import { gradeDns, gradeRefusal, lookAtDns } from './dns.ts';
import type { LookClock } from './look.ts';

function probe(given: Record<string, unknown>): DnsProbe {
  const config = { kind: 'dns', name: 'names', host: 'shop.test', ...given };
  const [parsed] = configSchema.parse({ probes: [config] }).probes;
  if (parsed?.kind !== 'dns') throw new Error('not a dns probe');
  return parsed;
}

const zone = {
  'shop.test': { A: ['192.0.2.7', '192.0.2.8'], MX: ['10 mail.shop.test'], TXT: ['v=spf1 -all'] },
  'alias.test': { CNAME: ['Shop.Test'] },
  'broken.test': 2,
  'mute.test': 'silent',
} as const;

async function ask(given: Record<string, unknown>, clock: LookClock = handClock()) {
  await using server = await DnsServer.open(zone);
  return await lookAtDns(probe({ server: server.address, ...given }), clock, new AbortController().signal);
}

describe('a dns look', () => {
  it.each([
    [{}, ['192.0.2.7', '192.0.2.8']],
    [{ record: 'MX' }, ['10 mail.shop.test']],
    [{ record: 'TXT' }, ['v=spf1 -all']],
    [{ host: 'alias.test', record: 'CNAME', expect: ['shop.test.'] }, ['shop.test']],
  ])('is healthy when %j is answered', async (given, answers) => {
    const snapshot = await ask(given);
    expect(snapshot.status).toBe('healthy');
    expect(snapshot.latencyMs).toBeGreaterThan(0);
    const { answers: got } = snapshot.details;
    expect(String(got).toLowerCase().split(',').sort()).toEqual(answers);
  });

  it('is drift when the answer lacks what is expected', async () => {
    const snapshot = await ask({ expect: ['192.0.2.8', '192.0.2.9'] });
    expect(snapshot).toMatchObject({
      status: 'unhealthy',
      category: 'drift',
      details: { failure: 'other_answer', missing: ['192.0.2.9'], count: 2 },
    });
    expect(snapshot.error).toMatch(
      /^DNS A shop\.test at 127\.0\.0\.1:\d+ : answered 192\.0\.2\.7, 192\.0\.2\.8, expected 192\.0\.2\.9$/,
    );
  });

  it.each([
    ['gone.test', 'unhealthy', 'drift', 'there is no such name (NXDOMAIN)'],
    ['broken.test', 'unhealthy', 'service_unhealthy', 'the resolver failed (SERVFAIL)'],
  ])('says what is wrong with %s', async (host, status, category, words) => {
    const snapshot = await ask({ host });
    expect(snapshot).toMatchObject({ status, category });
    expect(snapshot.error).toContain(words);
  });

  it('is drift when the name has no such record', async () => {
    const snapshot = await ask({ host: 'alias.test', record: 'MX' });
    expect(snapshot).toMatchObject({ category: 'drift', details: { failure: 'no_record' } });
  });

  it('is unreachable when the resolver stays silent', async () => {
    const snapshot = await ask({ host: 'mute.test', timeoutMs: 400 }, spentClock());
    expect(snapshot).toMatchObject({ status: 'unreachable', details: { failure: 'timeout' } });
    expect(snapshot.error).toContain('timed out after 400 ms waiting for the resolver');
  });

  it('is unreachable when the resolver refuses or does not answer', () => {
    const given = probe({});
    expect(gradeRefusal(given, 'ECONNREFUSED')).toMatchObject({
      status: 'unreachable',
      error: 'DNS A shop.test : the resolver cannot be asked (ECONNREFUSED)',
    });
    expect(gradeRefusal(given, 'ETIMEOUT')).toMatchObject({ details: { failure: 'timeout' } });
  });

  it('is degraded when slower than slowMs, and shows no more than a page', () => {
    const values = Array.from({ length: 100 }, (_, at) => `${at}`.repeat(300));
    const snapshot = gradeDns(probe({ slowMs: 5 }), { values, latencyMs: 9 });
    expect(snapshot).toMatchObject({ status: 'degraded', category: 'latency', details: { count: 100 } });
    expect(snapshot.details['answers']).toHaveLength(20);
  });
});
