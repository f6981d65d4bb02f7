import { chmodSync, lstatSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testFolder } from '../home/testing/folder.ts';
import { planKeys, readKeys, refuseUnwritable, writeKeys } from './key-write.ts';

const text = `{
  // how loud
  "log": { "level": "info" }, // as usual

  "alerts": {
    /* at once */
    "burst": 3,
    "cooldownSeconds": 60,
  },
}
`;

function fileOf(content: string): string {
  const file = join(testFolder(), 'kora.json');
  writeFileSync(file, content);
  return file;
}

const at = { now: Date.now(), changed: () => new TypeError('changed') };

test('a key is written where it stands; comments, order, trailing commas and mode stay', async () => {
  const file = fileOf(text);
  chmodSync(file, 0o640);
  const { digest } = await readKeys(file);
  const changes = [
    { key: 'alerts.burst', value: 9 },
    { key: 'tools.messagesPerHour', value: 2 },
  ];
  await writeKeys(file, { changes, digest, ...at });
  const after = readFileSync(file, 'utf8');
  expect(after).toContain('/* at once */\n    "burst": 9,');
  expect(after).toContain('// how loud\n  "log": { "level": "info" }, // as usual');
  expect((await readKeys(file)).config).toMatchObject({
    alerts: { burst: 9 },
    tools: { messagesPerHour: 2 },
  });
  expect(statSync(file).mode & 0o777).toBe(0o640);
});

test('what is taken out leaves its default, and no empty table that would say something', async () => {
  const file = fileOf(
    '{ "messages": { "quietHours": { "from": "22:00", "to": "07:00", "zone": "Europe/Zurich" } } }',
  );
  const changes = ['from', 'to', 'zone'].map((name) => ({ key: `messages.quietHours.${name}` }));
  const { digest } = await readKeys(file);
  await writeKeys(file, { changes, digest, ...at });
  expect((await readKeys(file)).said).toEqual({});
});

test('what is taken out takes its own line, and leaves what stands around it', () => {
  const without = (key: string): string => planKeys('kora.json', text, [{ key }]).text;
  expect(without('alerts.burst')).toBe(text.replace('    "burst": 3,\n', ''));
  expect(without('log.level')).toBe(text.replace('  "log": { "level": "info" }, // as usual\n', ''));
  expect(
    planKeys('kora.json', '{ "log": { "level": "info" }, "alerts": { "burst": 3 } }', [
      { key: 'alerts.burst' },
    ]).text,
  ).toBe('{ "log": { "level": "info" } }');
});

test('a home without a file gets one that only its owner reads', async () => {
  const file = join(testFolder(), 'kora.json');
  const { digest } = await readKeys(file);
  await writeKeys(file, { changes: [{ key: 'log.level', value: 'debug' }], digest, ...at });
  expect((await readKeys(file)).said).toEqual({ log: { level: 'debug' } });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a link stays a link, and what it leads to is written', async () => {
  const [real, link] = [fileOf(text), join(testFolder(), 'kora.json')];
  symlinkSync(real, link);
  const { digest } = await readKeys(link);
  await writeKeys(link, { changes: [{ key: 'alerts.burst', value: 9 }], digest, ...at });
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect((await readKeys(real)).config?.alerts.burst).toBe(9);
});

test('a writer who read another text changes nothing', async () => {
  const file = fileOf(text);
  const { digest } = await readKeys(file);
  writeFileSync(file, text.replace('3', '4'));
  const changes = [{ key: 'alerts.burst', value: 9 }];
  await expect(writeKeys(file, { changes, digest, ...at })).rejects.toThrow('changed');
  expect(readFileSync(file, 'utf8')).toBe(text.replace('3', '4'));
});

test('a value that does not fit is refused with key, bound and the command that tells more', () => {
  const refused = (): unknown => planKeys('kora.json', text, [{ key: 'alerts.burst', value: 5_000 }]);
  expect(refused).toThrow(
    expect.objectContaining({
      code: 'KORA_CONFIG_INVALID',
      message: expect.stringMatching(/^alerts\.burst: .*1000/),
      fix: 'kora config explain alerts.burst',
      details: { issues: [{ path: 'alerts.burst', message: expect.any(String) }] },
    }),
  );
});

test.each([
  ['alerts.brust', 'KORA_CONFIG_UNKNOWN_KEY', 'did you mean "burst"'],
  ['alerts', 'KORA_CONFIG_UNKNOWN_KEY', 'there is no key alerts'],
  ['__proto__.x', 'KORA_CONFIG_UNKNOWN_KEY', 'there is no key'],
  ['plugins.config.slack', 'KORA_CONFIG_INVALID', 'block of a plugin'],
])('%s is no key that is written here', (key, code, words) => {
  const refused = expect.objectContaining({ code, message: expect.stringContaining(words) });
  expect(() => refuseUnwritable({ key, value: 1 })).toThrow(refused);
});

test('of a secret only a reference is written', () => {
  const refused = expect.objectContaining({ code: 'KORA_CONFIG_INVALID' });
  for (const key of ['store.url', 'chain.checkpoint.key', 'alerts.deadMan.url'])
    expect(() => refuseUnwritable({ key, value: 'postgres://me:hunter2@localhost/kora' })).toThrow(refused);
  expect(() => refuseUnwritable({ key: 'store.url', value: 'env:MINE' })).not.toThrow();
  expect(() => refuseUnwritable({ key: 'store.url' })).not.toThrow();
});

test('a program is not rewritten', () => {
  expect(() => planKeys('/h/kora.config.ts', '', [])).toThrow(
    expect.objectContaining({ message: expect.stringContaining('is code') }),
  );
});

test('law: what was written is read back, and nothing else becomes another', () => {
  const bursts = fc.integer({ min: 1, max: 1_000 });
  const levels = fc.constantFrom('debug', 'info', 'warn', 'error');
  fc.assert(
    fc.property(bursts, levels, (burst, level) => {
      const changes = [
        { key: 'alerts.burst', value: burst },
        { key: 'log.level', value: level },
      ];
      const { config, text: after } = planKeys('kora.json', text, changes);
      expect(config).toMatchObject({ alerts: { burst, cooldownSeconds: 60 }, log: { level } });
      expect(planKeys('kora.json', after, changes).text).toBe(after);
    }),
  );
});
