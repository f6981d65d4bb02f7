import { randomUUID } from 'node:crypto';
import type { FixEnvelope, FixObservation } from '@kora/runtime/plugin';
import { expect, onTestFinished, test } from 'vitest';
import { configSchema } from '../config.ts';
import type { ProcessProbe } from '../config.ts';
import { lookAtProcess } from '../probes/process.ts';
import type { ProcessFix } from './config.ts';
import { processFix } from './process.ts';

const clock = {
  now: () => Date.now(),
  sleep: (_ms: number, signal?: AbortSignal) =>
    new Promise<boolean>((done) => {
      signal?.addEventListener('abort', () => done(false));
    }),
};
const { signal } = new AbortController();
const target = { id: 'process:worker@here', title: '' };

function scene(
  argv: readonly string[],
  match: string,
): { envelope: FixEnvelope; look: () => Promise<FixObservation> } {
  const config = configSchema.parse({
    probes: [{ kind: 'process', name: 'worker', match }],
    fixes: [{ probe: 'worker', use: 'restart_process', mode: 'approve', argv, env: { TIDE: 'high' } }],
  });
  const probe = config.probes[0] as ProcessProbe;
  const look = async (): Promise<FixObservation> => {
    const { status, details, error = null } = await lookAtProcess(probe, clock, signal);
    return { probe: 'worker', target: match, status, details, error, checkedAt: new Date().toISOString() };
  };
  return { envelope: processFix(config.fixes[0] as ProcessFix, probe, clock), look };
}

const broken = (envelope: FixEnvelope, observation: FixObservation, before: object): string[] =>
  envelope
    .conditions({ observation, target, targets: [target], before: { ...before } })
    .filter(({ holds }) => !holds)
    .map(({ name }) => name);

test('a program of which none runs is started, and then it is well', async () => {
  const mark = `worker-${randomUUID()}`;
  const { envelope, look } = scene([process.execPath, '-e', 'setInterval(() => {}, 1000)', mark], mark);
  const observation = await look();
  expect(observation).toMatchObject({ status: 'unhealthy', details: { running: 0 } });
  expect(envelope.targets(observation)).toHaveLength(1);
  const before = await envelope.observe(target, signal);
  expect(broken(envelope, observation, before)).toEqual([]);
  await envelope.execute(target, { key: 'k', incidentId: 7, before, signal });
  await expect.poll(async () => (await look()).status).toBe('healthy');
  const after = await envelope.observe(target, signal);
  const [pid] = after['pids'] as number[];
  onTestFinished(() => void process.kill(pid ?? 0, 'SIGKILL'));
  // It runs: what wants it started has come too late, and nothing ends it.
  expect(broken(envelope, await look(), after)).toEqual(['none_running']);
  expect(envelope.targets(await look())).toEqual([]);
});

test('a program that cannot be started is an error', async () => {
  const { envelope } = scene(['/nowhere/worker'], 'x');
  await expect(envelope.execute(target, { key: 'k', incidentId: 7, before: {}, signal })).rejects.toThrow(
    'ENOENT',
  );
});

test('where the processes cannot be read nothing is named and nothing holds', async () => {
  const { envelope, look } = scene(['/bin/true'], 'x');
  const unread = { ...(await look()), details: { failure: 'process_list' } };
  expect(envelope.targets(unread)).toEqual([]);
  expect(broken(envelope, unread, { failure: 'process_list' })).toEqual(['none_running']);
});
