import { expect, test } from 'vitest';
import { configSchema } from '../config.ts';
import { fixEnvelopes } from './index.ts';

const unit = { kind: 'systemd', name: 'shop-unit', unit: 'shop.service' };
const restart = { probe: 'shop-unit', use: 'restart_unit' };

test('a fix is off until the operator says otherwise, and is bounded whatever they say', () => {
  const { fixes } = configSchema.parse({ probes: [unit], fixes: [restart] });
  expect(fixes).toMatchObject([{ mode: 'off', perTargetPerHour: 2, timeoutMs: 30_000, verifySeconds: 120 }]);
});

test.each([
  ['a probe that is not there', [], restart, 'is no probe of kind systemd'],
  [
    'a probe of another kind',
    [unit],
    { ...restart, use: 'restart_unhealthy_machine' },
    'is no probe of kind fly',
  ],
  ['a use that is none', [unit], { ...restart, use: 'scale_up' }, 'use'],
  ['a mode that is none', [unit], { ...restart, mode: 'always' }, 'mode'],
  ['more attempts than anybody wants', [unit], { ...restart, perTargetPerHour: 61 }, 'perTargetPerHour'],
  [
    'a program without its path',
    [{ kind: 'process', name: 'worker', match: 'w' }],
    { probe: 'worker', use: 'restart_process', argv: ['worker'] },
    'whole path',
  ],
  ['a hook that is no address', [], { probe: 'shop', use: 'call_hook', url: 'ftp://x' }, 'http'],
])('a fix of %s is refused when the configuration is read', (_what, probes, fix, why) => {
  const read = configSchema.safeParse({ probes, fixes: [fix] });
  expect(JSON.stringify(read.error?.issues)).toContain(why);
});

test('the same fix twice is refused', () => {
  const read = configSchema.safeParse({ probes: [unit], fixes: [restart, restart] });
  expect(read.error?.issues).toMatchObject([{ path: ['fixes', 1, 'use'] }]);
});

test('an envelope says which of its bounds the operator wrote, so that nothing learned goes over them', () => {
  const other = { probe: 'disk', use: 'call_hook', url: 'https://hooks.example/clean', mode: 'off' };
  const written = { probes: [unit], fixes: [restart, other] };
  const clock = { now: () => 0, sleep: () => Promise.resolve(false) };
  const tools = { clock, secret: () => Promise.resolve(undefined), written };
  const envelopes = fixEnvelopes(configSchema.parse(written), tools);
  expect(envelopes.map((envelope) => envelope.written)).toEqual([[], ['mode']]);
});

test('each becomes an envelope of its probe', () => {
  const config = configSchema.parse({
    probes: [
      unit,
      { kind: 'process', name: 'worker', match: 'w' },
      { kind: 'fly', name: 'fly', apps: ['shop'] },
    ],
    fixes: [
      restart,
      { probe: 'worker', use: 'restart_process', argv: ['/bin/worker'] },
      { probe: 'fly', use: 'restart_unhealthy_machine' },
      { probe: 'disk', use: 'call_hook', url: 'https://hooks.example/clean' },
    ],
  });
  const clock = { now: () => 0, sleep: () => Promise.resolve(false) };
  const envelopes = fixEnvelopes(config, { clock, secret: () => Promise.resolve(undefined) });
  expect(envelopes.map(({ probe, fixName, capability }) => `${probe} ${fixName} ${capability}`)).toEqual([
    'shop-unit restart_unit cap_autofix',
    'worker restart_process cap_autofix',
    'fly restart_unhealthy_machine cap_probe_autofix_fly_restart',
    'disk call_hook cap_autofix',
  ]);
});
