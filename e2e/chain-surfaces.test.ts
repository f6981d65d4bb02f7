import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkpointsSchema,
  consumerSchema,
  eventDetailSchema,
  eventSchema,
  parkedSchema,
  verifySchema,
} from '@kora/runtime/client';
import type { EventRow } from '@kora/runtime/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { root } from '../scripts/pack.ts';
import { House } from './harness/house.ts';
import { until } from './harness/wait.ts';

const events = z.array(eventSchema);
const script = join(root, 'docs', 'verify-export.mjs');
const exportedSchema = z.object({
  file: z.string(),
  from: z.number(),
  to: z.number(),
  events: z.number(),
  sha256: z.string(),
  keys: z.array(z.string()),
});
const fileVerdictSchema = z.object({
  ok: z.boolean(),
  checked: z.number(),
  firstBadSeq: z.number().optional(),
  problem: z.string().optional(),
  sha256: z.string(),
  pinned: z.boolean(),
});

describe('the log as an operator meets it', () => {
  const house = new House();
  beforeAll(async () => void (await house.up()));
  afterAll(() => house[Symbol.asyncDispose]());
  const file = join(house.box, 'chain.ndjson');
  let key = '';

  it('is looked at, signed and exported, and the file proves without Kora', async () => {
    const { data: newest } = await house.read(events, 'event', 'tail', '--limit', '3');
    expect(newest).toHaveLength(3);
    const { data: signed } = await house.read(
      checkpointsSchema.extend({ outcome: z.string() }),
      'event',
      'checkpoint',
      '--now',
    );
    expect(signed).toMatchObject({ outcome: 'made', signs: true, problems: [], rewound: null });
    const { data: exported } = await house.read(exportedSchema, 'event', 'export', '--out', file);
    expect(exported).toMatchObject({ file, from: 1, events: exported.to });
    expect(exported.to).toBeGreaterThanOrEqual(newest.at(-1)?.seq ?? Infinity);
    key = exported.keys[0] ?? '';
    const verified = await house.read(fileVerdictSchema, 'event', 'verify', '--file', file, '--key', key);
    expect(verified).toMatchObject({
      code: 0,
      data: { ok: true, pinned: true, checked: exported.events, sha256: exported.sha256 },
    });
    expect(execFileSync(process.execPath, [script, file, '--key', key], { encoding: 'utf8' })).toMatch(
      /^ok /,
    );
  });

  it('one byte of the file is changed, and verification names the event', async () => {
    const lines = readFileSync(file, 'utf8').split('\n');
    const at = lines.findIndex((line) => line.startsWith('{"seq":3,'));
    // A letter of the body: the line stays JSON of the same length.
    lines[at] = (lines[at] ?? '').replace(/("body":".*)([a-z])(\W*")/, (_, before, letter, after) =>
      [before, letter === 'x' ? 'y' : 'x', after].join(''),
    );
    const tampered = house.file('tampered.ndjson', lines.join('\n'));
    const found = await house.read(fileVerdictSchema, 'event', 'verify', '--file', tampered, '--key', key);
    expect(found).toMatchObject({
      code: 1,
      data: { ok: false, firstBadSeq: 3, problem: 'changed', checked: 2 },
    });
    const words = await house.kora('event', 'verify', '--file', tampered);
    expect(words.stdout).toMatch(/^changed at #3 /);
  });

  it('one event is shown with the proof that the checkpoint has it', async () => {
    const { data: shown } = await house.read(eventDetailSchema, 'event', 'show', '2', '--proof');
    expect(shown.proof?.note).toMatch(/^kora\/default\n\d+\n/);
    expect(Buffer.from(shown.proof?.eventHash ?? '', 'base64').toString('hex')).toBe(shown.hash);
  });

  it('a body is redacted by whoever says so twice, and the log proves as before', async () => {
    const line = ['event', 'redact', '2', '--reason', 'a name that should not be there'];
    expect((await house.refused(...line)).code).toBe(64);
    expect((await house.kora(...line, '--yes')).code).toBe(0);
    const { data: shown } = await house.read(eventDetailSchema, 'event', 'show', '2');
    expect(shown).toMatchObject({ redacted: true, payload: {} });
    const verified = await until('the redaction to be sealed', async () => {
      const { data } = await house.read(verifySchema, 'event', 'verify');
      return data.ok ? data : undefined;
    });
    expect(verified.completeness?.redacted).toBe(1);
    expect((await house.kora('event', 'verify', '--resume')).code).toBe(0);
  });

  it('whoever follows it sees each event once and in order, over a restart', async () => {
    const follower = house.start(['event', 'tail', '--follow', '--json', '--limit', '1']);
    const seen = (): EventRow[] =>
      follower.stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => eventSchema.parse(JSON.parse(line)));
    await until('the first event', () => seen().length > 0);
    expect((await house.kora('down')).code).toBe(0);
    await house.up();
    expect((await house.kora('pause', '--reason', 'to be seen')).code).toBe(0);
    await until('the pause to be seen', () => seen().some(({ type }) => type === 'kora.hold.added'));
    follower.signal('SIGINT');
    expect((await follower.ended).code).toBe(130);
    const seqs = seen().map(({ seq }) => seq);
    expect(seqs.length).toBeGreaterThan(10);
    expect(seqs).toEqual(seqs.map((_, at) => (seqs[0] ?? 0) + at));
  });

  it('old events leave once a checkpoint covers them, a file has them and everybody has read them', async () => {
    await house.kora('event', 'checkpoint', '--now');
    const whole = join(house.box, 'whole.ndjson');
    await house.read(exportedSchema, 'event', 'export', '--out', whole);
    const prune = ['event', 'prune', '--through', '4', '--export', whole, '--reason', 'old', '--yes'];
    await until('the readers to have come past it', async () => {
      const { code, stderr } = await house.kora(...prune);
      expect(stderr).toMatch(/^$|has read up to/);
      return code === 0;
    });
    const { data } = await house.read(verifySchema, 'event', 'verify');
    expect(data).toMatchObject({ ok: true, completeness: { prunedThrough: 4 } });
  });
});

describe('a reader that cannot take an event', () => {
  const house = new House();
  afterAll(() => house[Symbol.asyncDispose]());

  it('has it parked and shown, and takes it when it is mended and replayed', async () => {
    const plugin = install(house);
    await house.up();
    expect((await house.kora('pause', '--reason', 'something to read')).code).toBe(0);
    const parked = z.array(parkedSchema);
    const [waiting] = await until('the event to be parked', async () => {
      const { data } = await house.read(parked, 'event', 'parked');
      return data.length > 0 ? data : undefined;
    });
    expect(waiting).toMatchObject({
      consumer: 'poisoned.ledger',
      error: expect.stringContaining('away') as string,
    });
    expect(waiting?.event?.type).toBe('kora.hold.added');
    const { data: consumers } = await house.read(z.array(consumerSchema), 'event', 'consumers');
    const ledger = consumers.find(({ consumer }) => consumer === 'poisoned.ledger');
    expect(ledger).toMatchObject({ parked: 1, running: 'here' });
    const replay = ['event', 'replay', 'poisoned.ledger', '--all', '--reason'];
    const again = await house.kora(...replay, 'too early');
    expect([again.code, again.stdout]).toEqual([1, expect.stringContaining('again: ')]);
    writeFileSync(join(plugin, 'mended'), '');
    expect(await house.kora(...replay, 'mended')).toMatchObject({ code: 0, stdout: 'taken  1 of 1\n' });
    expect((await house.read(parked, 'event', 'parked')).data).toEqual([]);
    const { data: said } = await house.read(events, 'event', 'tail', '--type', 'kora.subscription');
    const asked = said.filter(({ type }) => type === 'kora.subscription.replay_requested');
    expect(asked.map(({ payload, actorId }) => [payload['reason'], actorId])).toEqual([
      ['too early', 'operator'],
      ['mended', 'operator'],
    ]);
  });
});

/** As an installation leaves it: in node_modules, and among the dependencies of the project around the home. */
function install(house: House): string {
  const name = 'kora-plugin-poisoned';
  const folder = join(house.box, 'node_modules', name);
  cpSync(join(root, 'fixtures', 'poisoned'), folder, { recursive: true });
  mkdirSync(join(house.box, 'node_modules', '@kora'), { recursive: true });
  symlinkSync(join(root, 'packages', 'runtime'), join(house.box, 'node_modules', '@kora', 'runtime'));
  house.file('package.json', { private: true, dependencies: { [name]: '1.0.0' } });
  house.file('kora.json', { plugins: { trusted: ['poisoned'] } });
  return folder;
}
