import { expect, test } from 'vitest';
import { serverBench } from '../testing/server.ts';

test('a kept file is saved and never opened in place: no type, no sniffing, its own name', async () => {
  const { ask } = await serverBench();
  const { status, headers, body } = await ask('GET', '/api/artifacts/art_1/content');
  expect([status, body]).toEqual([200, 'x']);
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': "attachment; filename*=UTF-8''a%20b%27%28%29%2a.txt",
    'x-content-type-options': 'nosniff',
  });
});

test('what is asked of files reaches the house as it was asked', async () => {
  const { ask, house } = await serverBench();
  await ask('GET', '/api/artifacts?madeBy=tides&limit=3');
  await ask('POST', '/api/artifacts/art_1/remove', {}, '{"reason":"names a customer"}');
  expect(house.asked).toEqual([
    ['artifacts', { madeBy: 'tides', limit: 3 }],
    ['removeArtifact', 'art_1', { reason: 'names a customer' }],
  ]);
  for (const query of ['limit=0', 'limit=501', `madeBy=${'x'.repeat(201)}`])
    expect((await ask('GET', `/api/artifacts?${query}`)).status, query).toBe(400);
  expect((await ask('POST', '/api/artifacts/art_1/remove', {}, '{}')).status).toBe(400);
});
