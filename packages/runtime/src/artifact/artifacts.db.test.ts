import { createHash, randomBytes } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { acceptMessage } from '../message/outbox.ts';
import type { KoraError } from '../fault/index.ts';
import type { Database } from '../store/index.ts';
import { fileDatabase } from '../store/testing/database.ts';
import { artifactBench } from './testing/bench.ts';
import type { ArtifactBench } from './testing/bench.ts';

let database: Database;
beforeAll(async () => {
  const made = await fileDatabase();
  ({ database } = made);
  return made.drop;
});

const plugin = { id: 'tides', trusted: false } as const;
const trusted = { id: 'kora', trusted: true } as const;
const coded = (code: string): unknown => expect.objectContaining({ code });

const overNow = ({ workspaceId }: ArtifactBench, artifactId: string): Promise<unknown> =>
  database.query(
    `update kora.artifact set expires_at = clock_timestamp() - interval '1 second'
     where workspace_id = $1 and artifact_id = $2`,
    [workspaceId, artifactId],
  );

test('a file comes back as it was, named by its id alone, and an event says by its hash what was taken', async () => {
  const bench = await artifactBench(database);
  // Longer than three parts, and no part of it like another.
  const content = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(1_700_000)]);
  const kept = await bench.artifacts.put({ name: 'report.pdf', content, ticketId: 7 }, plugin);
  const sha256 = createHash('sha256').update(content).digest('hex');
  expect(kept).toMatchObject({
    artifactId: expect.stringMatching(/^art_[0-9a-f]{32}$/) as string,
    name: 'report.pdf',
    type: 'application/pdf',
    size: content.length,
    sha256,
    madeBy: 'tides',
    ticketId: 7,
  });
  const read = await bench.artifacts.get(kept.artifactId);
  expect(Buffer.from(read.content).equals(content)).toBe(true);
  const { content: _, ...view } = read;
  expect([view, await bench.artifacts.find(kept.artifactId)]).toEqual([kept, kept]);
  expect(await bench.events()).toEqual([
    {
      type: 'kora.artifact.stored',
      payload: {
        artifact: kept.artifactId,
        sha256,
        bytes: content.length,
        media_type: 'application/pdf',
        made_by: 'tides',
        name: 'report.pdf',
      },
    },
  ]);
});

test.each(['/etc/passwd', 'report.pdf', 'art_', `art_${'0'.repeat(32)}`, "art_' or 1=1 --", '../art_x'])(
  'what is no id is no file: %j (daemon defect W58)',
  async (artifactId) => {
    const { artifacts } = await artifactBench(database);
    await expect(artifacts.get(artifactId)).rejects.toEqual(coded('KORA_ARTIFACT_UNKNOWN'));
  },
);

test('a plugin lists its own, newest first, and reads another’s by the id it was told; another workspace’s not', async () => {
  const [bench, other] = [await artifactBench(database), await artifactBench(database)];
  const ids: string[] = [];
  for (const name of ['a.txt', 'b.txt'])
    ids.push((await bench.artifacts.put({ name, content: 'x' }, plugin)).artifactId);
  const foreign = await bench.artifacts.put({ name: 'c.txt', content: 'x' }, { id: 'moon', trusted: false });
  expect((await bench.artifacts.list({ madeBy: 'tides' })).map(({ artifactId }) => artifactId)).toEqual(
    ids.toReversed(),
  );
  expect(await bench.artifacts.list()).toHaveLength(3);
  expect(await bench.artifacts.list({ limit: 1 })).toMatchObject([{ name: 'c.txt' }]);
  expect(await bench.artifacts.get(foreign.artifactId)).toMatchObject({ madeBy: 'moon' });
  await expect(other.artifacts.get(foreign.artifactId)).rejects.toEqual(coded('KORA_ARTIFACT_UNKNOWN'));
});

test('bytes that were changed in the store are not handed out', async () => {
  const bench = await artifactBench(database);
  const { artifactId } = await bench.artifacts.put({ name: 'a.txt', content: 'all is well' }, plugin);
  await database.query(
    `update kora.artifact_part set bytes = 'all is lost' where workspace_id = $1 and artifact_id = $2`,
    [bench.workspaceId, artifactId],
  );
  await expect(bench.artifacts.get(artifactId)).rejects.toEqual(coded('KORA_ARTIFACT_DAMAGED'));
  const said = database.query(
    `update kora.artifact set sha256 = sha256('all is lost') where artifact_id = $1`,
    [artifactId],
  );
  await expect(said).rejects.toThrow(/stays what it is/);
});

test('there is room for so much, of one maker and of all, also when many come at once', async () => {
  const bench = await artifactBench(database, { totalBytes: 19_000, makerBytes: 12_000 });
  const put = (id: string): Promise<string> =>
    bench.artifacts.put({ name: 'a.txt', content: 'x'.repeat(5_000) }, { id, trusted: false }).then(
      () => 'kept',
      (error: unknown) => (error as KoraError).code,
    );
  const many = await Promise.all(Array.from({ length: 6 }, () => put('tides')));
  expect(many.filter((each) => each === 'kept')).toHaveLength(2);
  expect(new Set(many)).toEqual(new Set(['kept', 'KORA_ARTIFACT_FULL']));
  expect([await put('moon'), await put('moon')]).toEqual(['kept', 'KORA_ARTIFACT_FULL']);
  const [first] = await bench.artifacts.list({ madeBy: 'tides' });
  await bench.artifacts.remove(first?.artifactId ?? '', { by: 'operator', reason: 'room' });
  expect(await put('moon')).toBe('kept');
});

test('many of nothing fill the store no further than few of much', async () => {
  const bench = await artifactBench(database, { makerBytes: 10 * 4_096 });
  const puts = Array.from({ length: 11 }, () => bench.artifacts.put({ name: 'a', content: 'x' }, plugin));
  const kept = await Promise.allSettled(puts);
  expect(kept.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
});

test('a file whose time is over is gone at once, and its bytes with the next pruning; one without a time stays', async () => {
  const bench = await artifactBench(database);
  const short = await bench.artifacts.put({ name: 'a.txt', content: 'x', keepDays: 1 }, plugin);
  const days = (Date.parse(short.expiresAt ?? '') - Date.parse(short.createdAt)) / 86_400_000;
  expect(days).toBeCloseTo(1, 5);
  const pinned = await bench.artifacts.put({ name: 'b.txt', content: 'x', keepDays: null }, trusted);
  expect(pinned.expiresAt).toBeNull();
  await expect(bench.artifacts.put({ name: 'b.txt', content: 'x', keepDays: null }, plugin)).rejects.toEqual(
    coded('KORA_ARTIFACT_REFUSED'),
  );
  await overNow(bench, short.artifactId);
  await expect(bench.artifacts.get(short.artifactId)).rejects.toEqual(coded('KORA_ARTIFACT_UNKNOWN'));
  expect(await bench.artifacts.prune()).toBe(1);
  expect(await bench.artifacts.prune()).toBe(0);
  const [left] = await database.query<{ parts: number }>(
    'select count(*) as parts from kora.artifact_part where workspace_id = $1',
    [bench.workspaceId],
  );
  expect(left).toEqual({ parts: 1 });
  expect((await bench.events()).at(-1)).toEqual({
    type: 'kora.artifact.expired',
    payload: { artifacts: 1, bytes: 1 },
  });
});

test('a removal is the operator’s, with its reason on the chain; once', async () => {
  const bench = await artifactBench(database);
  const { artifactId, sha256 } = await bench.artifacts.put({ name: 'a.txt', content: 'x' }, plugin);
  const wish = { by: 'operator', reason: 'it names a customer' };
  expect(await bench.artifacts.remove(artifactId, wish)).toMatchObject({ artifactId });
  await expect(bench.artifacts.remove(artifactId, wish)).rejects.toEqual(coded('KORA_ARTIFACT_UNKNOWN'));
  expect((await bench.events()).at(-1)).toEqual({
    type: 'kora.artifact.removed',
    payload: { artifact: artifactId, sha256, name: 'a.txt', reason: 'it names a customer' },
  });
});

test('a message carries files that are there, and they stay until it has been told; a pinned one stays pinned', async () => {
  const bench = await artifactBench(database);
  const { artifacts, workspaceId, stage } = bench;
  const soon = await artifacts.put({ name: 'a.txt', content: 'x', keepDays: 1 }, plugin);
  const pinned = await artifacts.put({ name: 'b.txt', content: 'x', keepDays: null }, trusted);
  const context = { workspaceId, stage, attach: artifacts.attach.bind(artifacts) };
  const send = (key: string, attachments: readonly string[]): Promise<boolean> =>
    database.transaction((tx) =>
      acceptMessage(tx, context, {
        key,
        thread: 't',
        severity: 'info',
        title: 'see the file',
        body: '',
        source: 'test',
        attachments,
      }),
    );
  expect(await send('with', [soon.artifactId, pinned.artifactId])).toBe(true);
  const days =
    (Date.parse((await artifacts.find(soon.artifactId)).expiresAt ?? '') - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(29);
  expect((await artifacts.find(pinned.artifactId)).expiresAt).toBeNull();
  await overNow(bench, soon.artifactId);
  for (const absent of [soon.artifactId, `art_${'0'.repeat(32)}`, '/etc/passwd'])
    await expect(send(`without ${absent}`, [absent]), absent).rejects.toEqual(coded('KORA_ARTIFACT_UNKNOWN'));
  const rows = await database.query<{ key: string; attachments: string[] }>(
    'select key, attachments from kora.message where workspace_id = $1',
    [workspaceId],
  );
  expect(rows).toEqual([{ key: 'with', attachments: [soon.artifactId, pinned.artifactId] }]);
});
