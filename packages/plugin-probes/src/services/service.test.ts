import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { spentClock } from '../../fixtures/clock.ts';
import { deadAddress, ServiceServer, tools } from '../../fixtures/service-server.ts';
import { configSchema } from '../config.ts';
import type { DopplerProbe } from '../config.ts';
import { lookAtDoppler } from './doppler.ts';

function probe(given: Record<string, unknown>): DopplerProbe {
  const [parsed] = configSchema.parse({ probes: [{ kind: 'doppler', name: 'secrets', ...given }] }).probes;
  if (parsed?.kind !== 'doppler') throw new Error('not a doppler probe');
  return parsed;
}

const never = new AbortController().signal;
const said = { DOPPLER_API_TOKEN: 'dp.pt.s3cret' };

describe('a look at a service', () => {
  it('without a token asks nobody and is unconfigured, which is no outage (daemon defect W19)', async () => {
    await using server = await ServiceServer.open(() => ({ body: {} }));
    for (const secrets of [{}, { DOPPLER_API_TOKEN: ' ' }]) {
      expect(await lookAtDoppler(probe({ baseUrl: server.url }), tools(secrets), never)).toEqual({
        status: 'unconfigured',
        details: { missing: ['KORA_PLUGIN_PROBES_DOPPLER_API_TOKEN'] },
        error:
          'doppler : no token is said in KORA_PLUGIN_PROBES_DOPPLER_API_TOKEN or KORA_PLUGIN_PROBES_DOPPLER_API_TOKEN_FILE',
      });
    }
    expect(server.asked).toEqual([]);
  });

  it('that is refused is unreachable, and never unknown (daemon defect W19)', async () => {
    const baseUrl = await deadAddress();
    expect(await lookAtDoppler(probe({ baseUrl }), tools(said), never)).toEqual({
      status: 'unreachable',
      category: 'unreachable',
      details: { failure: 'refused' },
      error: 'doppler : connection refused',
    });
  });

  it('that is not answered in time is unreachable (daemon defect W19)', async () => {
    await using server = await ServiceServer.open(() => ({ body: {} }));
    const given = probe({ baseUrl: server.url, timeoutMs: 700 });
    expect(await lookAtDoppler(given, tools(said, spentClock()), never)).toMatchObject({
      status: 'unreachable',
      details: { failure: 'timeout' },
      error: expect.stringMatching(/^doppler : timed out after 700 ms waiting for /),
    });
  });

  it.each([
    [401, 'unhealthy', 'auth', 'the token is refused'],
    [403, 'unhealthy', 'auth', 'the token is refused'],
    [404, 'unhealthy', 'drift', 'there is no such thing, or the token may not see it'],
    [429, 'degraded', 'capacity', 'too many requests with this token'],
    [503, 'unhealthy', 'service_unhealthy', 'the service fails'],
  ])('that is answered %i is %s, %s (daemon defect W26)', async (status, grade, category, words) => {
    await using server = await ServiceServer.open(() => ({ status, body: { messages: ['no'] } }));
    expect(await lookAtDoppler(probe({ baseUrl: server.url }), tools(said), never)).toMatchObject({
      status: grade,
      category,
      details: { failure: 'status', statusCode: status },
      error: `doppler workplace : HTTP ${status}, ${words}`,
    });
  });

  it('that is answered in another shape says so', async () => {
    await using server = await ServiceServer.open(() => ({ body: '<html>' }));
    expect(await lookAtDoppler(probe({ baseUrl: server.url }), tools(said), never)).toMatchObject({
      status: 'unhealthy',
      category: 'drift',
      details: { failure: 'shape' },
    });
  });

  it('has its token from a file where one is named, and never tells it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kora-token-'));
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'dp.other\n');
    await using server = await ServiceServer.open(({ headers }) => ({
      body: { workplace: { id: 'w', name: `echo ${headers.authorization ?? ''}` }, projects: [] },
    }));
    const given = probe({ baseUrl: server.url, tokenFile });
    const snapshot = await lookAtDoppler(given, tools(said), never);
    expect(server.asked[0]?.headers.authorization).toBe('Bearer dp.other');
    expect(snapshot).toMatchObject({ status: 'healthy', details: { workplace: 'echo Bearer [redacted]' } });
    await rm(folder, { recursive: true });
    expect(await lookAtDoppler(given, tools(said), never)).toMatchObject({
      status: 'unconfigured',
      error: `doppler : tokenFile ${tokenFile} cannot be read`,
    });
  });

  it('takes no address that would carry the token in clear', () => {
    expect(() => probe({ baseUrl: 'http://api.doppler.com' })).toThrow(/https:/);
    expect(probe({}).baseUrl).toBe('https://api.doppler.com');
  });
});
