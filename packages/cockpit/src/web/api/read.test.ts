import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readList } from './read.ts';
import { pairingCode } from './session.ts';

const schema = z.array(z.number());
const answering = (body: unknown, status = 200) => ({
  fetch: () => Promise.resolve(Response.json(body, { status })),
});
const read = (body: unknown, status?: number) => readList('/api/x', schema, answering(body, status));
const asOf = '2026-11-21T12:00:00Z';

describe('a read', () => {
  it('hands out the data with how true it is', async () => {
    expect(await read({ status: 'live', asOf, data: [1] })).toEqual({
      ok: true,
      data: [1],
      asOf,
      source: 'live',
      reason: null,
    });
    expect(await read({ status: 'stale', asOf, reason: 'sealer stands', data: [] })).toMatchObject({
      source: 'stale',
      reason: 'sealer stands',
    });
  });

  it('does not take "unavailable" for "none"', async () => {
    const answer = await read({ status: 'unavailable', asOf, reason: 'no store', data: [] });
    expect(answer).toMatchObject({ ok: false, fault: { code: 'PAGE_UNAVAILABLE', message: 'no store' } });
  });

  it('keeps the runtime’s code and hint', async () => {
    const error = { type: 'denied', code: 'KORA_AUTH_MISSING', message: 'No session.', hint: 'kora cockpit' };
    expect(await read({ error }, 401)).toEqual({
      ok: false,
      fault: { status: 401, code: 'KORA_AUTH_MISSING', message: 'No session.', hint: 'kora cockpit' },
    });
    expect(await read('<html>', 502)).toMatchObject({ ok: false, fault: { status: 502, code: 'HTTP_502' } });
  });

  it('says where an answer is not what this page knows', async () => {
    const answer = await read({ status: 'live', asOf, data: [1, 'two'] });
    expect(answer).toMatchObject({ ok: false, fault: { code: 'PAGE_SHAPE' } });
    expect(answer.ok ? '' : answer.fault.message).toContain('(at 1)');
    expect(await read({ data: [1] })).toMatchObject({ ok: false, fault: { code: 'PAGE_SHAPE' } });
  });

  it('never rejects', async () => {
    const fetch = (): Promise<Response> => Promise.reject(new TypeError('fetch failed'));
    expect(await readList('/api/x', schema, { fetch })).toMatchObject({
      ok: false,
      fault: { code: 'PAGE_NO_ANSWER', status: 0 },
    });
  });
});

describe('a pairing code', () => {
  it('is read from the fragment alone', () => {
    expect(['#code=abc', 'code=abc', '', '#', '#code=', '#other=1'].map(pairingCode)).toEqual([
      'abc',
      'abc',
      null,
      null,
      null,
      null,
    ]);
  });
});
