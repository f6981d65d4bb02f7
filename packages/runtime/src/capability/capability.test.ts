import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../clock/fake.ts';
import { KoraError } from '../fault/index.ts';
import type { CapabilitySpec } from './contract.ts';
import { Denials } from './denials.ts';
import { GrantCache } from './grant-cache.ts';
import type { LiveGrant } from './grants.ts';
import { Matrix } from './matrix.ts';
import { questionOf } from './question.ts';
import { subjectOf } from './subject.ts';

const spec: CapabilitySpec = {
  id: 'cap_send_fax',
  title: 'send a fax',
  risk: 'low',
  defaultVerdict: 'ask',
};

describe('the matrix', () => {
  test('holds every capability of the house, and allows none of them by default (defect 16)', () => {
    const all = new Matrix().list();
    const infrastructure = [
      'cap_local_file_io',
      'cap_local_shell_exec',
      'cap_browser_automation',
      'cap_web_fetch',
    ];
    expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(infrastructure));
    for (const { id, owner, defaultVerdict } of all) {
      expect(id).toMatch(/^cap_[a-z][a-z0-9_]{2,60}$/);
      expect(['denied', 'ask'], id).toContain(defaultVerdict);
      expect(owner).toBe('kora');
    }
  });

  test('records whose a capability is, and lets it go with its plugin', () => {
    const matrix = new Matrix();
    const undo = matrix.register(spec, 'fax');
    expect(matrix.get('cap_send_fax')).toEqual({ ...spec, owner: 'fax' });
    undo();
    undo();
    expect(matrix.get('cap_send_fax')).toBeUndefined();
  });

  test('nobody takes a capability that another has, the house’s least of all', () => {
    const matrix = new Matrix();
    const undo = matrix.register(spec, 'fax');
    const taken = expect.objectContaining({ code: 'KORA_CAPABILITY_TAKEN' });
    expect(() => matrix.register(spec, 'other')).toThrow(taken);
    expect(() => matrix.register({ ...spec, id: 'cap_local_shell_exec' }, 'other')).toThrow(taken);
    undo();
    matrix.register(spec, 'other');
    undo();
    expect(matrix.get('cap_send_fax')?.owner).toBe('other');
  });

  test.each([
    { ...spec, id: 'fax' },
    { ...spec, id: 'cap_Fax' },
    { ...spec, id: `cap_${'a'.repeat(62)}` },
    { ...spec, title: ' ' },
    { ...spec, risk: 'none' },
    { ...spec, defaultVerdict: 'allowed' },
    { ...spec, defaultVerdict: undefined },
  ])('takes nothing malformed, and no verdict that allows: %j', (given) => {
    expect(() => new Matrix().register(given as CapabilitySpec, 'fax')).toThrow(KoraError);
  });
});

describe('whose grants count', () => {
  test.each([
    ['slack', { kind: 'plugin', subject: 'slack' }],
    ['kora', { kind: 'plugin', subject: 'kora' }],
    ['mcp:claude', { kind: 'mcp', subject: 'claude' }],
    ['route:night:eu', { kind: 'route', subject: 'night:eu' }],
  ])('%s', (caller, subject) => {
    expect(subjectOf(caller)).toEqual(subject);
  });

  test.each(['', 'plugin:slack', 'operator:me', 'mcp:', 'route:', ':slack'])(
    'a name of no known form has none: %j (defect 17)',
    (caller) => {
      expect(subjectOf(caller)).toBeUndefined();
    },
  );
});

describe('the cache of grants', () => {
  const row = (over: Partial<LiveGrant> = {}): LiveGrant => ({
    grantId: 1,
    capability: 'cap_send_fax',
    owner: 'fax',
    kind: 'plugin',
    subject: 'slack',
    leftMs: null,
    ...over,
  });
  const slack = { kind: 'plugin', subject: 'slack' } as const;
  const fax = { id: 'cap_send_fax', owner: 'fax' };

  function scene(): { clock: FakeClock; cache: GrantCache; reads: () => number; rows: LiveGrant[] } {
    const clock = new FakeClock();
    const rows = [row()];
    let reads = 0;
    const read = (): Promise<LiveGrant[]> => {
      reads += 1;
      return Promise.resolve([...rows]);
    };
    return { clock, rows, reads: () => reads, cache: new GrantCache({ clock, read }) };
  }

  test('asks once for many checks, and again after a second at the latest', async () => {
    const { cache, clock, reads, rows } = scene();
    const answers = await Promise.all(Array.from({ length: 50 }, () => cache.has(slack, fax)));
    expect([reads(), answers.every(Boolean)]).toEqual([1, true]);
    rows.pop();
    await clock.advance(999);
    expect([await cache.has(slack, fax), reads()]).toEqual([true, 1]);
    await clock.advance(1);
    expect([await cache.has(slack, fax), reads()]).toEqual([false, 2]);
  });

  test('what was being read when something changed does not count', async () => {
    const clock = new FakeClock();
    const answers: ((rows: LiveGrant[]) => void)[] = [];
    const read = (): Promise<LiveGrant[]> => new Promise((resolve) => answers.push(resolve));
    const cache = new GrantCache({ clock, read });
    const early = cache.has(slack, fax);
    cache.invalidate();
    const late = cache.has(slack, fax);
    answers[0]?.([row()]);
    await clock.advance(0);
    answers.slice(1).forEach((answer) => answer([]));
    await clock.advance(0);
    answers.slice(2).forEach((answer) => answer([]));
    expect(await Promise.all([early, late])).toEqual([false, false]);
  });

  test('a grant ends by the database’s clock, also between two reads', async () => {
    const { cache, clock, rows } = scene();
    rows[0] = row({ leftMs: 300 });
    expect(await cache.has(slack, fax)).toBe(true);
    await clock.advance(300);
    expect(await cache.has(slack, fax)).toBe(false);
  });

  test('a grant of a name is none of the capability that another owner gave it', async () => {
    const { cache } = scene();
    expect(await cache.has(slack, { id: 'cap_send_fax', owner: 'stranger' })).toBe(false);
    expect(await cache.has({ kind: 'mcp', subject: 'slack' }, fax)).toBe(false);
  });

  test('a read that fails says nothing, and the next one may', async () => {
    const clock = new FakeClock();
    let fails = true;
    const read = (): Promise<LiveGrant[]> =>
      fails ? Promise.reject(new KoraError('KORA_STORE_UNREACHABLE', 'away')) : Promise.resolve([row()]);
    const cache = new GrantCache({ clock, read });
    await expect(cache.has(slack, fax)).rejects.toMatchObject({ code: 'KORA_STORE_UNREACHABLE' });
    fails = false;
    expect(await cache.has(slack, fax)).toBe(true);
  });
});

describe('denials as events', () => {
  const denial = { cause: 'capability_denied', caller: 'slack', what: 'x', detail: 'd' } as const;

  test('one a minute for each caller, capability and cause, however many there are', async () => {
    const clock = new FakeClock();
    let told = 0;
    const record = (): Promise<void> => Promise.resolve(void (told += 1));
    const denials = new Denials({ clock, record, onError: () => undefined });
    for (let n = 0; n < 100; n += 1) {
      await denials.tell({ ...denial, capability: 'cap_web_fetch', what: `x${n}` });
      await denials.tell({ ...denial, cause: 'capability_unmapped' });
    }
    expect(told).toBe(2);
    await clock.advance(60_000);
    await denials.tell({ ...denial, capability: 'cap_web_fetch' });
    expect(told).toBe(3);
  });

  test('one that cannot be written is reported and denies no more than its call (defect 16)', async () => {
    const errors: unknown[] = [];
    const record = (): Promise<void> => Promise.reject(new KoraError('KORA_STORE_FULL', 'full'));
    const onError = (_: string, error: unknown): void => void errors.push(error);
    const denials = new Denials({ clock: new FakeClock(), record, onError });
    await denials.tell(denial);
    expect(errors).toHaveLength(1);
  });
});

test('law: a question names the two commands that answer it, whatever a stranger writes into it', () => {
  const capability = { ...spec, owner: 'fax' };
  fc.assert(
    fc.property(fc.nat(), fc.string(), fc.string(), (approvalId, what, reason) => {
      const asked = { approvalId, caller: 'slack', what, reason, expiresAt: '2026-01-01T00:00:00.000Z' };
      const lines = questionOf(capability, asked).body.split('\n');
      expect(lines.filter((line) => line.endsWith(`kora approve ${approvalId} --reason '...'`))).toHaveLength(
        1,
      );
      expect(lines.filter((line) => line.endsWith(`kora deny ${approvalId} --reason '...'`))).toHaveLength(1);
    }),
  );
});
