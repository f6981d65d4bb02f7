import { expect, test } from 'vitest';
import { serverBench } from './testing/server.ts';

test('every answer, refusals too, carries the headers that keep a page safe', async () => {
  const { ask } = await serverBench();
  for (const answer of [
    await ask('GET', '/healthz'),
    await ask('GET', '/api/none'),
    await ask('OPTIONS', '/'),
    await ask('GET', '/', { Host: 'evil.com:80' }),
  ]) {
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  }
});
