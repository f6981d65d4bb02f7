import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { classified, draft, eventType, Vocabulary } from './index.ts';
import type { ChainEvent, EventType } from './index.ts';

const login = eventType(
  'test.login',
  'Somebody came in.',
  classified({
    public: { user: z.string(), tries: z.number() },
    internal: { address: z.string() },
    secret: { password: z.string(), hint: z.string().nullable(), old: z.string().optional() },
  }),
);

/** A stranger's types: what they say about their fields, they say with zod alone. */
const secret = { sensitivity: 'secret' };
const nested = eventType(
  'test.nested',
  'Nested.',
  z.object({
    people: z.array(z.object({ name: z.string(), keys: z.record(z.string(), z.string().meta(secret)) })),
    either: z.union([z.object({ token: z.string().meta(secret) }), z.object({ none: z.literal(true) })]),
    any: z.unknown().meta(secret),
  }),
);

function knowing(types: readonly EventType[], secrets?: () => readonly string[]): Vocabulary {
  const vocabulary = new Vocabulary(secrets === undefined ? {} : { secrets });
  vocabulary.register('test', types);
  return vocabulary;
}

function read(type: EventType, payload: Record<string, unknown>): ChainEvent {
  return {
    seq: 1,
    eventId: 'e',
    type: type.type,
    schemaVersion: type.version,
    actorId: 'kora',
    runtimeId: 'r',
    sessionId: null,
    correlationId: 'c',
    causationId: null,
    ticketId: null,
    fence: null,
    occurredAt: '2026-01-01T00:00:00.000000Z',
    hash: 'h',
    payload,
  };
}

test('a secret field is stored as its mark, and the payload still fits its schema', () => {
  const given = { user: 'ada', tries: 1, address: '10.0.0.1', password: 'hunter2', hint: null };
  const { payload } = knowing([login]).parse(draft(login, given));
  expect(payload).toEqual({ ...given, password: '[secret]' });
  expect(login.payload.safeParse(payload).success).toBe(true);
});

test('secrets are found in lists, maps, variants and values of any shape', () => {
  const { payload } = knowing([nested]).parse(
    draft(nested, {
      people: [{ name: 'ada', keys: { ssh: 'hunter2', gpg: 'hunter2' } }],
      either: { token: 'hunter2' },
      any: { deep: ['hunter2'] },
    }),
  );
  expect(JSON.stringify(payload)).not.toContain('hunter2');
  expect(payload).toMatchObject({ people: [{ name: 'ada' }], any: '[secret]' });
});

test('a payload that holds itself has its secrets taken out at every depth', () => {
  const node: z.ZodType<object> = z.object({
    key: z.string().meta(secret),
    get inside() {
      return node.optional();
    },
  });
  const type = eventType('test.tree', 'A tree.', node);
  const tree = { key: 'hunter2', inside: { key: 'hunter2', inside: { key: 'hunter2' } } };
  const { payload } = knowing([type]).parse(draft(type, tree));
  expect(JSON.stringify(payload)).not.toContain('hunter2');
});

test.each([
  ['a number', z.number().meta(secret)],
  ['an object', z.object({}).meta(secret)],
  ['a text with a rule', z.string().regex(/^x/).meta(secret)],
  ['one of a list', z.enum(['a', 'b']).meta(secret)],
])('a secret that is %s is refused when it is declared', (_what, field) => {
  const type = eventType('test.bad', 'Bad.', z.object({ field }));
  expect(() => knowing([type])).toThrow('a secret field is plain text');
});

test('a class that is none is refused', () => {
  const type = eventType('test.bad', 'Bad.', z.object({ field: z.string().meta({ sensitivity: 'top' }) }));
  expect(() => knowing([type])).toThrow('not "top"');
});

test('a field without a class is refused to the house, and a stranger’s is internal', () => {
  const type = eventType('test.plain', 'Plain.', z.object({ n: z.number() }));
  expect(() => new Vocabulary().register('kora', [type])).toThrow('test.plain: n without a class');
  const vocabulary = knowing([type]);
  expect(vocabulary.list()[0]?.shape.fields).toMatchObject([{ name: 'n', sensitivity: 'internal' }]);
});

test('outside only the public fields are seen, and of a type that nobody knows none', () => {
  const vocabulary = knowing([login]);
  const payload = { user: 'ada', tries: 1, address: '10.0.0.1', password: '[secret]', hint: null, later: 1 };
  const seen = vocabulary.publicView(read(login, payload));
  expect(seen.payload).toEqual({ user: 'ada', tries: 1 });
  expect(seen).not.toHaveProperty('actorId');
  expect(seen).not.toHaveProperty('correlationId');
  expect(new Vocabulary().publicView(read(login, payload)).payload).toEqual({});
});

test('a public field shows nothing of what is classed otherwise inside it', () => {
  const type = eventType(
    'test.report',
    'A report.',
    classified({
      public: { report: z.object({ score: z.number(), note: z.string().meta({ sensitivity: 'internal' }) }) },
    }),
  );
  const event = read(type, { report: { score: 1, note: 'between us' } });
  expect(knowing([type]).publicView(event).payload).toEqual({ report: { score: 1 } });
});

test('a secret that this process knows is replaced wherever it stands, also in a key and in a URL', () => {
  const token = 'p@ss/word-of-ours';
  const free = eventType('test.free', 'Free.', z.record(z.string(), z.unknown()));
  const vocabulary = knowing([free], () => [token, 'short']);
  const { payload } = vocabulary.parse(
    draft(free, {
      [token]: 1,
      deep: [{ error: `connect postgres://kora:${encodeURIComponent(token)}@db failed; sent ${token}!` }],
      short: 'short',
    }),
  );
  expect(payload).toEqual({
    '[secret]': 1,
    deep: [{ error: 'connect postgres://kora:[secret]@db failed; sent [secret]!' }],
    short: 'short',
  });
  expect(vocabulary.text(`plugin:${token}`)).toBe('plugin:[secret]');
});

test('secrets that come later are known from then on', () => {
  let secrets: readonly string[] = [];
  const vocabulary = knowing([login], () => secrets);
  expect(vocabulary.text('a-late-secret')).toBe('a-late-secret');
  secrets = ['a-late-secret'];
  expect(vocabulary.text('a-late-secret')).toBe('[secret]');
});

test('law: whatever is said, no known secret and no secret field is in what is stored', () => {
  const secretText = fc.string({ minLength: 8, maxLength: 20 }).filter((text) => !'[secret]'.includes(text));
  fc.assert(
    fc.property(secretText, fc.string(), fc.string(), (known, before, after) => {
      const vocabulary = knowing([login], () => [known]);
      const said = `${before}${known}${after}`;
      const given = { user: said, tries: 1, address: said, password: said, hint: said };
      const { payload } = vocabulary.parse(draft(login, given));
      expect(payload['password']).toBe('[secret]');
      expect(String(payload['user'])).not.toContain(known);
      expect(String(payload['address'])).not.toContain(known);
    }),
  );
});
