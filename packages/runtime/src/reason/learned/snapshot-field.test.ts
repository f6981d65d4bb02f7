import { expect, test } from 'vitest';
import { z } from 'zod';
import { FakeClock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import { placeholderPaths } from '../snapshot/paths.ts';
import { Snapshots } from '../snapshot/snapshots.ts';
import { readValue } from '../snapshot/value.ts';
import type { ToolSpec } from '../tool/contract.ts';
import { house, reading, toolbox } from '../tool/testing/toolbox.ts';
import type { ChangeKindSpec, Overlay } from './contract.ts';
import { LearnedFields } from './fields.ts';
import { pickField } from './pick.ts';
import { snapshotFieldOf } from './snapshot-field.ts';

const value = { tool: 'look', input: { at: 'sea' }, pick: 'tide.level', everyS: 60, type: 'number' } as const;
const overlay = (over: Partial<typeof value> | object = {}, key = 'learned.tide'): Overlay => ({
  kind: 'snapshot.field',
  key,
  value: { ...value, ...over },
  proposalId: 1,
  revision: 1,
  since: '2026-11-22T12:00:00.000Z',
  trialUntil: null,
});

interface Scene {
  readonly kind: ChangeKindSpec;
  readonly box: ReturnType<typeof toolbox>;
  readonly clock: FakeClock;
  readonly snapshots: Snapshots;
  readonly errors: string[];
  /** What `{snapshot.learned.NAME}` says now. */
  says(name: string): Promise<string | undefined>;
}

/** A snapshot with learned fields and nothing else, over tools behind a real door. */
function scene(tools: readonly Partial<ToolSpec>[], owner: { id: string; trusted: boolean } = house): Scene {
  const clock = new FakeClock();
  const errors: string[] = [];
  const onError = (where: string): void => void errors.push(where);
  const box = toolbox({ clock });
  for (const spec of tools) box.tools.registry.register(reading(spec), owner);
  box.grants.add('engine cap_read_runtime');
  const fields = new LearnedFields({
    clock,
    read: (name, { tool, input }, signal) =>
      box.tools.read(tool, { callId: `snapshot:${name}`, input, engine: 'engine', signal }),
    onError,
  });
  const keep = (): Promise<void> => Promise.resolve();
  const snapshots = new Snapshots({ clock, runtimeId: 'r1', sections: [fields.section], keep, onError });
  const mayRead: Parameters<typeof snapshotFieldOf>[0]['mayRead'] = (tool) =>
    box.tools.mayRead(tool, 'engine');
  const kind = snapshotFieldOf({ fields, snapshots, tools: box.tools.registry, mayRead });
  const says: Scene['says'] = async (name) => {
    const snapshot = await snapshots.forAsk();
    return snapshot === null ? undefined : readValue(snapshot, ['learned', name], clock.now());
  };
  return { kind, box, clock, snapshots, errors, says };
}

const refusal = async (
  kind: ChangeKindSpec,
  over: object = {},
  key = 'learned.tide',
): Promise<string | null> => (await kind.examine({ key, value: { ...value, ...over } })).refusal;

test('a field that is learned is read through the door on its cadence, and is gone when it is taken back', async () => {
  const seen: unknown[] = [];
  const run: ToolSpec['run'] = (input) => {
    seen.push(input);
    return Promise.resolve({ content: { tide: { level: seen.length } } });
  };
  const { kind, box, says, snapshots } = scene([{ run }]);
  expect(await kind.examine({ key: 'learned.tide', value })).toMatchObject({ risk: 'low', refusal: null });
  expect(seen).toEqual([]);
  expect(await says('tide')).toBeUndefined();
  await kind.take([overlay()]);
  expect(await says('tide')).toBe('1');
  expect(seen).toEqual([{ at: 'sea' }]);
  expect(box.asked).toMatchObject([{ caller: 'engine', what: 'tool:look' }]);
  expect([...snapshots.paths]).toContain('snapshot.learned.*');
  // What is in force may be examined again, and says so.
  expect(await kind.examine({ key: 'learned.tide', value })).toMatchObject({ refusal: null, lines: [] });
  expect(await kind.places?.()).toMatchObject([
    { key: 'learned.look', facts: { tool: 'look', backedBy: null } },
  ]);
  await kind.take([]);
  expect(await says('tide')).toBeUndefined();
});

test('a field is asked no more often than it says, and one that fails is unknown and harms no other', async () => {
  const clock = new FakeClock();
  const asked: string[] = [];
  let broken = false;
  const errors: string[] = [];
  const fields = new LearnedFields({
    clock,
    read: (name) => {
      asked.push(name);
      if (name === 'slow') return new Promise(() => undefined);
      return broken && name === 'tide'
        ? Promise.reject(fault('KORA_INTERNAL', 'dry'))
        : Promise.resolve({ tide: { level: asked.length } });
    },
    onError: (where) => void errors.push(where),
  });
  const { tool, input, pick, type } = value;
  const source = { tool, input, pick, type };
  fields.take(
    new Map([
      ['tide', { ...source, everyS: 60 }],
      ['ebb', { ...source, everyS: 300 }],
      ['slow', { ...source, everyS: 300 }],
    ]),
  );
  const read = async (): Promise<unknown> => {
    const section = fields.section.read(new AbortController().signal);
    await clock.advance(2_001);
    return section;
  };
  expect(await read()).toEqual({ tide: 1, ebb: 2, slow: null });
  expect(await read()).toEqual({ tide: 1, ebb: 2, slow: null });
  expect(asked).toEqual(['tide', 'ebb', 'slow']);
  broken = true;
  clock.jump(60_000);
  // What was read a minute ago is still how it stands; what was read ten minutes ago is not.
  expect(await read()).toEqual({ tide: 1, ebb: 2, slow: null });
  clock.jump(600_000);
  expect(await read()).toMatchObject({ tide: null, ebb: 6 });
  expect(errors.toSorted()).toEqual(['snapshot learned.slow', 'snapshot learned.tide']);
});

test('text of strangers stands in no snapshot, and is told once; what the door refuses is the house’s to tell', async () => {
  let content: object = { content: { tide: { level: 1 } } };
  const { kind, box, clock, says, snapshots, errors } = scene([
    { run: () => Promise.resolve(content as never) },
  ]);
  await kind.take([overlay({ everyS: 30 })]);
  const later = async (ms: number): Promise<string | undefined> => {
    clock.jump(ms);
    snapshots.changed();
    return says('tide');
  };
  box.door.move({ stopLevel: 2 });
  expect([await later(0), errors]).toEqual([undefined, []]);
  box.door.move({ stopLevel: 0 });
  expect([await later(31_000), errors]).toEqual(['1', []]);
  content = { content: { tide: { level: 2 } }, untrusted: true };
  expect([await later(31_000), errors]).toEqual(['1', ['snapshot learned.tide']]);
  expect([await later(601_000), errors.length]).toEqual([undefined, 1]);
  box.grants.clear();
  content = { content: { tide: { level: 3 } } };
  expect(await later(601_000)).toBeUndefined();
});

test('what the snapshot has already is proposed as no field: the registry says which tool is backed (daemon defect W64)', async () => {
  const { kind } = scene([{ snapshotField: 'tickets' }]);
  expect(await refusal(kind)).toBe('the snapshot has it already, as tickets');
  expect(await kind.places?.()).toMatchObject([{ facts: { backedBy: 'tickets' } }]);
});

test.each([
  ['a tool that acts', { sideEffects: 'once' }, {}, /more than read/],
  ['an input that the tool does not take', {}, { input: { at: 7 } }, /does not take this input/],
  ['a tool that is not there', {}, { tool: 'listen' }, /no tool listen/],
  ['a tool that nobody granted', { capability: 'cap_ticket_create' }, {}, /nobody granted cap_ticket_create/],
  ['a cadence that no snapshot has', {}, { everyS: 1 }, /30/],
] as const)('%s is no source of a field', async (_, spec, over, why) => {
  const { kind } = scene([spec]);
  expect(await refusal(kind, over)).toMatch(why);
});

test('a stranger’s tool is no source, no name is but one, and twenty fields are the most', async () => {
  const { kind } = scene([{}], { id: 'tides', trusted: false });
  expect(await refusal(kind)).toMatch(/stranger/);
  const mine = scene([{}]).kind;
  expect(await refusal(mine, {}, 'learned.as_of')).toMatch(/is called/);
  expect(await refusal(mine, {}, 'tide')).toMatch(/is called/);
  await mine.take(Array.from({ length: 20 }, (_, at) => overlay({}, `learned.f${at}`)));
  expect(await refusal(mine)).toMatch(/20 learned fields/);
  expect(await refusal(mine, {}, 'learned.f3')).toBeNull();
});

test('words of a tool are high risk, and a tool that went away keeps its field', async () => {
  const { kind } = scene([{}]);
  expect(await kind.examine({ key: 'learned.tide', value: { ...value, type: 'string' } })).toMatchObject({
    risk: 'high',
    refusal: null,
  });
  await kind.take([overlay({ tool: 'gone' })]);
  expect(await refusal(kind, { tool: 'gone' })).toBeNull();
});

test('a field is picked by its path, and only as what it is', () => {
  const content = { rows: [{ n: 3, of: ' sea ' }, {}], well: true, none: null, text: 'a\nb' };
  const pick = (path: string, type: 'number' | 'string' | 'boolean'): unknown =>
    pickField(content, { pick: path, type });
  expect(pick('rows.0.n', 'number')).toBe(3);
  expect(pick('rows.length', 'number')).toBe(2);
  expect(pick('rows.0.of', 'string')).toBe('sea');
  expect(pick('well', 'boolean')).toBe(true);
  expect(pickField(7, { pick: '', type: 'number' })).toBe(7);
  for (const hidden of ['open\u202enot', 'a\u200bb', '\u001b[2Jgone'])
    expect(pickField(hidden, { pick: '', type: 'string' })).toBeUndefined();
  for (const path of [
    'rows.0.n.x',
    'rows.9.n',
    'none',
    'none.x',
    'constructor',
    'rows.0',
    'text',
    'rows.map',
  ])
    expect(pick(path, 'string')).toBeUndefined();
  expect(pick('well', 'number')).toBeUndefined();
});

test('a section whose names nobody knows beforehand is a list by name', () => {
  const scalar = z.union([z.number(), z.string()]).nullable();
  const read = (): object => ({});
  const sections = [{ name: 'learned', schema: z.object({}).catchall(scalar), read }];
  expect([...placeholderPaths(sections)]).toEqual([
    'snapshot.computed_at',
    'snapshot.schema_version',
    'snapshot.learned.as_of',
    'snapshot.learned.*',
  ]);
});
