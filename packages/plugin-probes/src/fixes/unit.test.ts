import type { FixObservation } from '@kora/runtime/plugin';
import { expect, test } from 'vitest';
import { configSchema } from '../config.ts';
import type { SystemdProbe } from '../config.ts';
import type { ProgramEnd } from '../probes/run-program.ts';
import type { UnitFix } from './config.ts';
import { unitFix } from './unit.ts';

const ended = (over: Partial<ProgramEnd> = {}): ProgramEnd => ({
  exitCode: 0,
  signal: null,
  stdout: 'LoadState=loaded\nActiveState=failed\nSubState=failed\nResult=exit-code\n',
  stderr: '',
  cut: false,
  ...over,
});

function scene(answer: ProgramEnd = ended(), user = false) {
  const ran: string[] = [];
  const config = configSchema.parse({
    probes: [{ kind: 'systemd', name: 'shop-unit', unit: 'shop.service', user }],
    fixes: [{ probe: 'shop-unit', use: 'restart_unit', mode: 'auto' }],
  });
  const envelope = unitFix(config.fixes[0] as UnitFix, config.probes[0] as SystemdProbe, (args) => {
    ran.push(args.join(' '));
    return Promise.resolve(answer);
  });
  return { envelope, ran };
}

const seen = (details: object): FixObservation => ({
  probe: 'shop-unit',
  target: 'shop.service',
  status: 'unhealthy',
  details: { unit: 'shop.service', failure: 'failed', ...details },
  error: null,
  checkedAt: '2026-11-22T03:00:00.000Z',
});
const { signal } = new AbortController();
const target = { id: 'unit:shop.service@here', title: '' };

test('the unit that the look named is shown before, restarted without a question, and nothing else', async () => {
  const { envelope, ran } = scene(ended(), true);
  const [named, ...others] = envelope.targets(seen({}));
  expect([named?.id, others]).toEqual([expect.stringMatching(/^unit:shop\.service@/), []]);
  expect(await envelope.observe(target, signal)).toMatchObject({
    unit: 'shop.service',
    activeState: 'failed',
  });
  await envelope.execute(target, { key: 'k', incidentId: 7, before: {}, signal });
  expect(ran).toEqual([
    '--user show --no-pager -- shop.service',
    '--user restart --no-ask-password -- shop.service',
  ]);
});

test.each([
  ['failed', { loadState: 'loaded', activeState: 'failed', subState: 'failed' }, []],
  ['stopped', { loadState: 'loaded', activeState: 'inactive', subState: 'dead' }, []],
  ['running again', { loadState: 'loaded', activeState: 'active', subState: 'running' }, ['unit_not_active']],
  [
    'restarted by systemd itself',
    { loadState: 'loaded', activeState: 'activating', subState: 'auto-restart' },
    ['unit_not_active', 'not_restarting_itself'],
  ],
  ['masked', { loadState: 'masked', activeState: 'inactive', subState: 'dead' }, ['unit_loaded']],
  ['of nobody knows what', {}, ['unit_loaded', 'unit_not_active']],
])('one that is %s', (_what, before, broken) => {
  const { envelope } = scene();
  const conditions = envelope.conditions({ observation: seen({}), target, targets: [target], before });
  expect(conditions.filter(({ holds }) => !holds).map(({ name }) => name)).toEqual(broken);
});

test.each([
  ['another unit', { unit: 'mail.service' }],
  ['one that systemd restarts', { failure: 'restarting' }],
  ['one that is not there', { failure: 'not_loaded' }],
])('a look at %s names nothing to restart', (_what, details) => {
  expect(scene().envelope.targets(seen(details))).toEqual([]);
});

test('what systemctl refuses is an error in its own first line', async () => {
  const { envelope } = scene(ended({ exitCode: 4, stderr: 'Access denied\nmore\n' }));
  await expect(envelope.execute(target, { key: 'k', incidentId: 7, before: {}, signal })).rejects.toThrow(
    'systemctl restart exited with 4: Access denied',
  );
});
