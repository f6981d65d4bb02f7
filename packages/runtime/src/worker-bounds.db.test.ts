import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemSchema } from './http/contract.ts';
import { claimOne, remoteScene } from './testing/remote-scene.ts';
import type { RemoteScene } from './testing/remote-scene.ts';

let scene: RemoteScene;
beforeAll(async () => {
  scene = await remoteScene();
});
afterAll(() => scene.close());

const done = { resolution: 'completed', summary: 'sent' } as const;

test('no token, and no part of one that is secret, stands anywhere but in the one answer', async () => {
  const { token, workerTokenId, calls } = await scene.worker('mail');
  const ticketId = await scene.add();
  const { claim } = await claimOne(calls);
  await calls.progress({ claim, detail: 'going' });
  await calls.note({ claim, text: 'a note' });
  await calls.event({ claim, name: 'told', data: { a: 1 } });
  await calls
    .resolve({ claim: claim.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')), ...done })
    .catch(() => undefined);
  const [secret] = await scene.database.query<{ secret: Buffer }>('select secret from kora.claim_secret');
  const mac = Buffer.from(claim, 'base64url').subarray(34);
  const worker = token.slice(-43);
  const hash = createHash('sha256').update(worker).digest();
  const bytes = [mac, hash, secret?.secret ?? Buffer.alloc(0)];
  const words = [
    claim,
    token,
    worker,
    ...bytes.flatMap((each) => [each.toString('hex'), each.toString('base64url'), each.toString('base64')]),
  ];
  expect(words.filter((word) => word.length < 40)).toEqual([]);
  await expect
    .poll(async () => (await scene.operator.events({ order: 'desc', limit: 1 }))[0]?.type)
    .toBe('sea_ticket.worker_event');
  const places = await everythingSaid(ticketId);
  expect(places.length).toBeGreaterThan(30);
  for (const [place, text] of places)
    for (const word of words) expect(text.includes(word), place).toBe(false);
  // The walk would have found it: what is public of the claim is there.
  const all = places.map(([, text]) => text).join('\n');
  expect(all).toContain(`"workerTokenId":${workerTokenId}`);
  expect(all).toContain('a note');
  await calls.resolve({ claim, ...done });
});

/** Every read of the API, the chain's export, the log and every table that is not the secrets' own. */
async function everythingSaid(ticketId: number): Promise<(readonly [string, string])[]> {
  const headers = { authorization: `Bearer ${scene.token}` };
  const get = async (path: string): Promise<readonly [string, string]> => {
    const answer = await fetch(scene.url + path, { headers, signal: AbortSignal.timeout(5_000) });
    return [path, await answer.text()];
  };
  const document = JSON.parse((await get('/api/openapi.json'))[1]) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const [event] = await scene.operator.events({ order: 'desc', limit: 1 });
  const ids: Readonly<Record<string, number>> = { '/api/tickets/{id}': ticketId };
  const paths = Object.entries(document.paths)
    .filter(
      // What never ends is told by the reads beside it.
      ([path, methods]) =>
        'get' in methods && !['/api/events/stream', '/api/reason/live', '/api/logs/stream'].includes(path),
    )
    .map(([path]) =>
      path
        .replace('{id}', String(ids[path] ?? 1))
        .replace('{seq}', String(event?.seq ?? 1))
        .replace('{name}', 'kora.upkeep'),
    );
  const answers = await Promise.all(
    [...paths, '/api/worker-tokens?all=1', '/metrics', '/api/chain-events?limit=1000'].map(get),
  );
  const logs = readdirSync(join(scene.home, 'logs')).map(
    (file) => [file, readFileSync(join(scene.home, 'logs', file), 'utf8')] as const,
  );
  const tables = await scene.database.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'kora' and table_type = 'BASE TABLE'
       and table_name not in ('claim_secret', 'worker_token')`,
  );
  const rows = await Promise.all(
    tables.map(async ({ name }) => {
      const [row] = await scene.database.query<{ said: string }>(
        `select coalesce(string_agg(t::text, ' '), '') as said from kora.${name} t`,
      );
      return [name, row?.said ?? ''] as const;
    }),
  );
  return [...answers, ...logs, ...rows];
}

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '\0', '\ud800', 'x'.repeat(20_000), 'mail'),
);
const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, -1, 0.5, 2 ** 31, 2 ** 53 - 1, 1e300));
const anything = fc.oneof(text, number, fc.boolean(), fc.constant(null), fc.jsonValue());
const mostly = (right: unknown): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: anything });

test('no body, however wrong, is Kora’s own fault', async () => {
  const { token, calls } = await scene.worker('mail');
  const ticketId = await scene.add();
  const { claim } = await claimOne(calls);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const claims = fc.oneof(
    { weight: 6, arbitrary: fc.constant(claim) },
    { weight: 1, arbitrary: fc.constant('A'.repeat(88)) },
    anything,
  );
  const bodies: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
    claim: fc.record(
      {
        session: mostly('01a1fff2-421a-7e0c-a764-48401b3e8a9e'),
        kinds: mostly(['fax']),
        limit: mostly(1),
        deadlineMs: mostly(5_000),
        ticketId: fc.oneof(number, fc.constant(ticketId)),
      },
      { requiredKeys: [] },
    ),
    refresh: fc.record({ claims: fc.oneof(fc.array(claims), anything) }),
    progress: fc.record(
      { claim: claims, percent: mostly(5), detail: mostly('a') },
      { requiredKeys: ['claim'] },
    ),
    note: fc.record({ claim: claims, text }),
    event: fc.record({
      claim: claims,
      name: mostly('told'),
      data: fc.oneof(fc.dictionary(text, anything), anything),
    }),
    operation: fc.record(
      {
        claim: claims,
        step: mostly('begin'),
        id: mostly('a'),
        tool: mostly('b'),
        sideEffects: mostly('once'),
        request: anything,
        dispatches: mostly(0),
        result: anything,
        error: text,
      },
      { requiredKeys: ['claim', 'step', 'id', 'tool', 'sideEffects'] },
    ),
    resolve: fc.record(
      {
        claim: fc.oneof(anything, fc.constant('A'.repeat(88))),
        resolution: mostly('failed_retryable'),
        summary: mostly('s'),
        result: fc.oneof(fc.dictionary(text, anything), anything),
        failure: mostly({ class: 'network' }),
        retryAfterMs: number,
        modelTier: text,
        tokens: number,
        costMicroUsd: number,
      },
      { requiredKeys: ['claim', 'resolution', 'summary'] },
    ),
    release: fc.record({ claim: fc.oneof(anything, fc.constant('A'.repeat(88))), reason: text }),
  };
  const request = fc.constantFrom(...Object.keys(bodies)).chain((verb) =>
    fc.record({
      verb: fc.constant(verb),
      body: fc.oneof({ weight: 9, arbitrary: bodies[verb] ?? anything }, { weight: 1, arbitrary: anything }),
    }),
  );
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(request, async ({ verb, body }) => {
      const answer = await fetch(`${scene.url}/api/worker/${verb}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      const said: unknown = await answer.json();
      expect([verb, answer.status, answer.status < 500 ? '' : said]).toEqual([verb, answer.status, '']);
      const coded = problemSchema.safeParse(said).data?.error.code.startsWith('KORA_') === true;
      expect(coded).toBe(!answer.ok);
      if (answer.ok) taken += 1;
    }),
    { numRuns: 500 },
  );
  // Not all of it was turned away at the first look.
  expect(taken).toBeGreaterThan(20);
  expect(await calls.resolve({ claim, ...done })).toEqual({ verdict: 'ok' });
});
