import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bodyHash, eventHash, hashedTime } from '../form.ts';
import { verifyExport } from './testing/export-script.ts';
import type { ExportVerdict } from './testing/export-script.ts';

/** Written once and never again: whatever becomes of this code, these hashes must come out. */
const whole = readFileSync(new URL('./testing/export-v1.ndjson', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

interface Line {
  readonly [field: string]: unknown;
  readonly seq: number;
  readonly eventId: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly actorId: string;
  readonly runtimeId: string;
  readonly sessionId: string | null;
  readonly correlationId: string | null;
  readonly causationId: string | null;
  readonly ticketId: string | null;
  readonly fence: string | null;
  readonly occurredAt: string;
  readonly body: string | null;
  readonly bodyHash: string;
  readonly previous: string;
  readonly hash: string;
}

const parsed = whole.map((line) => JSON.parse(line) as Line);
const events = parsed.filter(({ seq }) => seq !== undefined);
const header = parsed[0] as unknown as { readonly workspaceId: number; readonly keys: readonly string[] };

/** The lines with the events replaced; header, checkpoints and last line stay where they were. */
function withEvents(change: (events: Line[]) => readonly Line[]): string[] {
  const changed = [...change(structuredClone(events))];
  const before = new Map(whole.map((line, at) => [at, line]));
  const rest = whole.filter(
    (_, at) => parsed[at]?.seq === undefined && (before.get(at) ?? '').includes('"end"'),
  );
  const notes = parsed.flatMap((line, at) =>
    line['checkpoint'] === undefined ? [] : [{ behind: parsed[at - 1]?.seq ?? 0, line: whole[at] ?? '' }],
  );
  const lines = changed.flatMap((event, at) => [
    JSON.stringify(event),
    ...notes.filter(({ behind }) => behind === at + 1).map(({ line }) => line),
  ]);
  return [whole[0] ?? '', ...lines, ...rest];
}

const at = (list: readonly Line[], seq: number): Line =>
  list[seq - 1] ?? expect.fail(`there is no event ${seq}`);

/** An event as a forger writes it: another body, its hashes made to fit, following what it is told to follow. */
function forge(event: Line, previous: string, seq = event.seq): Line {
  const body = '{"n":666}';
  const hashed = bodyHash(body);
  const fields = {
    ...event,
    seq,
    workspaceId: header.workspaceId,
    ticketId: event.ticketId === null ? null : Number(event.ticketId),
    fence: event.fence === null ? null : Number(event.fence),
    occurredAt: hashedTime(event.occurredAt),
  };
  const hash = eventHash(fields, hashed, Buffer.from(previous, 'hex')).toString('hex');
  return { ...event, seq, body, bodyHash: hashed.toString('hex'), previous, hash };
}

const renumbered = (list: readonly Line[], by: number): Line[] =>
  list.map((event) => ({ ...event, seq: event.seq + by }));

test('an export of the first form proves, with the keys that signed it', async () => {
  expect(await verifyExport(whole, header.keys)).toMatchObject({
    ok: true,
    from: 1,
    to: 10,
    checked: 10,
    completeness: { checkpoints: 2, checkpointedThrough: 8, redacted: 0 },
    pinned: true,
  });
});

describe('damage made in the file is found and named', () => {
  test.each<[string, (list: Line[]) => readonly Line[], Partial<ExportVerdict>]>([
    ['missing', (list) => list.filter(({ seq }) => seq !== 5), { firstBadSeq: 5, checked: 4 }],
    ['truncated_tail', (list) => list.slice(0, 7), { firstBadSeq: 8, checked: 7 }],
    ['reordered', (list) => list.toSpliced(3, 3, at(list, 6), at(list, 5), at(list, 4)), { firstBadSeq: 4 }],
    [
      'reordered',
      (list) => list.toSpliced(3, 3, { ...at(list, 6), seq: 4 }, at(list, 5), { ...at(list, 4), seq: 6 }),
      { firstBadSeq: 4, checked: 3, detail: 'event 6 stands in the place of event 4' },
    ],
    [
      'inserted',
      (list) => list.toSpliced(5, 0, at(list, 5)),
      { firstBadSeq: 5, detail: 'event 5 is there twice' },
    ],
    [
      'inserted',
      (list) => [...list.slice(0, 4), forge(at(list, 5), at(list, 4).hash), ...renumbered(list.slice(4), 1)],
      { firstBadSeq: 5, checked: 4 },
    ],
    [
      'missing',
      (list) => [...list.slice(0, 4), ...renumbered(list.slice(5), -1)],
      { firstBadSeq: 5, checked: 4 },
    ],
    [
      'inserted',
      (list) => list.with(4, forge(at(list, 5), at(list, 4).hash)),
      { firstBadSeq: 5, checked: 4 },
    ],
    [
      'inserted',
      (list) => list.with(4, forge(at(list, 5), at(list, 1).hash)),
      { firstBadSeq: 5, checked: 4 },
    ],
    [
      'inserted',
      (list) => [...list, forge(at(list, 10), at(list, 10).hash, 11)],
      { firstBadSeq: 11, checked: 10 },
    ],
    ['body_missing', (list) => list.with(4, { ...at(list, 5), body: null }), { firstBadSeq: 5, checked: 4 }],
    // The last event follows nobody but the line that closes the file.
    ['head_mismatch', (list) => list.with(9, forge(at(list, 10), at(list, 9).hash)), { firstBadSeq: 10 }],
    // Vouched for by the checkpoint of three events, so it is the fourth that was never linked.
    ['inserted', (list) => list.with(3, forge(at(list, 4), 'aa'.repeat(32))), { firstBadSeq: 4, checked: 3 }],
  ])('%s', async (problem, change, found) => {
    expect(await verifyExport(withEvents(change), header.keys)).toMatchObject({
      ok: false,
      problem,
      ...found,
    });
  });

  test('bad_signature', async () => {
    const note = whole.findIndex((line) => line.includes('"checkpoint":"kora/default\\n8\\n'));
    const text = (JSON.parse(whole[note] ?? '') as { checkpoint: string }).checkpoint;
    const broken = text.replace(
      /(\u2014 \S+ .{20})(.)/u,
      (_, before: string, digit: string) => `${before}${digit === 'A' ? 'B' : 'A'}`,
    );
    const lines = whole.with(note, JSON.stringify({ checkpoint: broken }));
    expect(await verifyExport(lines, header.keys)).toMatchObject({
      ok: false,
      problem: 'bad_signature',
      firstBadSeq: 8,
    });
  });

  test('rewound: a history rewritten whole, hashes, last line and all, against the checkpoints', async () => {
    let previous = at(events, 5).hash;
    const lines = withEvents((list) => [
      ...list.slice(0, 5),
      ...list.slice(5).map((event) => {
        const forged = forge(event, previous);
        previous = forged.hash;
        return forged;
      }),
    ]);
    const end = JSON.stringify({ end: { seq: 10, hash: previous, events: 10, checkpoints: 2 } });
    expect(await verifyExport([...lines.slice(0, -1), end], header.keys)).toMatchObject({
      ok: false,
      problem: 'rewound',
      firstBadSeq: 4,
      detail: 'the signed checkpoint of 8 events proves another history',
    });
    const bare = lines.filter((line) => !line.startsWith('{"checkpoint"'));
    const without = JSON.stringify({ end: { seq: 10, hash: previous, events: 10, checkpoints: 0 } });
    // Only a checkpoint can tell: this is what they are for.
    expect(await verifyExport([...bare.slice(0, -1), without], header.keys)).toMatchObject({ ok: true });
  });
});

test('any one value that was changed in any event is found and named at its sequence', async () => {
  const changes: Readonly<Record<string, readonly unknown[]>> = {
    eventId: ['00000000-0000-7000-8000-000000000000'],
    type: ['test.other', 'test.noted '],
    schemaVersion: [2, -1],
    actorId: ['operator', 'Kora'],
    runtimeId: ['00000000-0000-7000-8000-000000000000'],
    sessionId: [null, '00000000-0000-7000-8000-000000000000'],
    correlationId: ['', 'another'],
    causationId: ['00000000-0000-7000-8000-000000000000'],
    ticketId: ['77', '-1', '9223372036854775807'],
    fence: ['77', '9223372036854775807'],
    occurredAt: ['2026-01-01T00:00:00.000001Z'],
    body: ['{}', '', '{"n":4} '],
    bodyHash: ['00'.repeat(32)],
    previous: ['00'.repeat(31), 'ff'.repeat(32)],
    hash: ['ff'.repeat(32), ''],
  };
  const change = fc
    .constantFrom(...Object.entries(changes))
    .chain(([field, values]) => fc.record({ field: fc.constant(field), value: fc.constantFrom(...values) }));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 10 }), change, async (seq, { field, value }) => {
      const lines = withEvents((list) => list.with(seq - 1, { ...at(list, seq), [field]: value }));
      const found = await verifyExport(lines, header.keys);
      expect(found).toMatchObject({ ok: false, firstBadSeq: seq, checked: seq - 1, problem: 'changed' });
    }),
    { numRuns: 300 },
  );
});

test('a file that was cut off anywhere does not prove, and one that is no export is refused', async () => {
  const text = whole.join('\n');
  const firstLine = (whole[0] ?? '').length;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: firstLine + 1, max: text.length - 2 }), async (length) => {
      expect(await verifyExport(text.slice(0, length).split('\n'), header.keys)).toMatchObject({ ok: false });
    }),
    { numRuns: 200 },
  );
  await expect(verifyExport([])).rejects.toThrow('empty');
  await expect(verifyExport(['{"format":"other"}'])).rejects.toThrow('no export');
});
