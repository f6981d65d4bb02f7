import { createServer } from 'node:http';
import {
  approvalSchema,
  fixAttemptSchema,
  fixesSchema,
  fixRehearsalSchema,
  messageSchema,
} from '@kora/runtime/client';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { House } from './harness/house.ts';
import type { Up } from './harness/house.ts';
import { until } from './harness/wait.ts';

type Attempt = z.infer<typeof fixAttemptSchema>;

/** A worker dies and is started again, by a fix that the operator agreed to; what is outside of the envelope is not done. */
describe('what may be mended', () => {
  const house = new House();
  let up: Up;
  let config: string;
  let mended: Attempt;

  const workers = async (): Promise<readonly number[]> => {
    const worker = (await house.api().probes()).find(({ name }) => name === 'worker');
    return worker?.status === 'healthy' ? z.array(z.number()).parse(worker.details['pids']) : [];
  };
  const kill = async (): Promise<void> => {
    for (const pid of await workers()) process.kill(pid, 'SIGKILL');
    await until('the worker to be found dead', async () => {
      const worker = (await house.api().probes()).find(({ name }) => name === 'worker');
      return worker?.status === 'unhealthy' && worker.incidentId !== null;
    });
  };
  const tried = async (...args: readonly string[]): Promise<Attempt> => {
    const { data } = await house.read(fixAttemptSchema, 'fix', 'try', ...args, '--reason', 'again');
    return data;
  };
  const ended = (attemptId: number): Promise<Attempt> =>
    until('the attempt to end', async () => {
      const attempt = await house.api().fixAttempt(attemptId);
      return attempt.status === 'ended' && attempt;
    });
  const newest = async (probe: string): Promise<Attempt | undefined> =>
    (await house.api().fixes()).attempts.find((attempt) => attempt.probe === probe);

  /** What the operator put up to be told that the door fails; it answers nobody who asks it to mend. */
  const calls: string[] = [];
  let isUp = true;
  const service = createServer(({ method, headers }, response) => {
    if (method === 'POST') calls.push(String(headers['idempotency-key']));
    else response.writeHead(isUp ? 200 : 503).end();
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    const address = service.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const url = `http://127.0.0.1:${port}/`;
    const program = house.file('worker.mjs', "setInterval(() => {}, 1000); console.log('working');");
    const probes = [
      { kind: 'process', name: 'worker', match: program, everyMs: 200 },
      { kind: 'http', name: 'door', url, everyMs: 200 },
    ];
    const fixes = [
      {
        probe: 'worker',
        use: 'restart_process',
        mode: 'approve',
        argv: [process.execPath, program],
        perTargetPerHour: 2,
        verifySeconds: 30,
      },
      { probe: 'door', use: 'call_hook', mode: 'auto', url, timeoutMs: 300_000 },
    ];
    config = house.file('kora.json', { plugins: { config: { probes: { builtin: false, probes, fixes } } } });
    const worker = house.startNode([program]);
    up = await house.up(['--config', config]);
    await until('the worker to be seen', async () => (await workers()).length === 1);
    worker.signal('SIGKILL');
    const waiting = await until('the question', async () => {
      const attempt = await newest('worker');
      return attempt?.status === 'waiting' && attempt;
    });
    const { attemptId } = waiting;
    await house.read(approvalSchema, 'fix', 'approve', String(attemptId), '--reason', 'that worker is ours');
    mended = await ended(attemptId);
  });

  afterAll(async () => {
    for (const pid of await workers().catch(() => [])) process.kill(pid, 'SIGKILL');
    await house[Symbol.asyncDispose]();
    service.closeAllConnections();
    await new Promise((resolve) => service.close(resolve));
  });

  it('a process that was killed runs again once the operator agreed, and the probe found it well', async () => {
    expect(mended).toMatchObject({
      outcome: 'mended',
      askedBy: 'wake',
      before: { status: 'unhealthy', running: 0 },
      after: { status: 'healthy', running: 1 },
      conditions: [{ name: 'none_running', holds: true }],
    });
    expect(await workers()).toHaveLength(1);
    const { data: messages } = await house.read(z.array(messageSchema), 'inbox');
    const thread = messages.filter((message) => message.thread === `incident:${String(mended.incidentId)}`);
    expect(thread.map(({ title }) => title)).toContain('🔧 Fix · worker: mended');
    // The end of the incident names the fix that it came of.
    const recovery = thread.find(({ title }) => title === '✅ Recovered · worker');
    expect(recovery?.body).toContain(`was begun (attempt ${mended.attemptId}, asked by wake)`);
  });

  it('is not mended while stopped, at another target, in another way or over its bound; each is told', async () => {
    await kill();
    await house.kora('stop', '--level', 'L1', '--reason', 'nobody moves');
    const stopped = await tried('worker');
    expect(stopped).toMatchObject({ code: 'stop_l1', remedy: "kora resume --reason '...'" });
    await house.kora('resume', '--reason', 'go on');
    expect(await tried('worker', '--target', 'process:mail@elsewhere')).toMatchObject({
      code: 'target_not_in_snapshot',
      detail: expect.stringContaining('process:worker@'),
      remedy: 'kora fix list',
    });
    expect(await tried('worker', 'scale_up')).toMatchObject({ code: 'action_not_in_envelope' });
    expect(await workers()).toEqual([]);

    const asked = await tried('worker');
    await house.api().approve(asked.approvalId ?? 0, 'once more');
    expect(await ended(asked.attemptId)).toMatchObject({ outcome: 'mended', askedBy: 'operator' });
    await kill();
    const dry = await house.read(fixRehearsalSchema, 'fix', 'try', 'worker', '--dry-run');
    expect([dry.data.verdict, dry.data.code, dry.code]).toEqual(['refused', 'limit_reached', 1]);
    const over = await tried('worker');
    expect(over.detail).toContain('had 2 of 2 attempts in the last hour; there is room again at ');

    const outcomes = ['rejected', 'mended', 'rejected', 'rejected', 'rejected', 'mended'];
    const { data } = await house.read(fixesSchema, 'fix', 'list');
    expect(data.attempts.map(({ outcome }) => outcome)).toEqual(outcomes);
    const event = z.object({ type: z.string(), payload: z.record(z.string(), z.unknown()) });
    const { data: events } = await house.read(z.array(event), 'event', 'tail', '--limit', '500');
    expect(events.filter(({ type }) => type === 'tool.probe_autofix_attempted')).toHaveLength(
      outcomes.length,
    );
    const wake = events.find(({ type }) => type === 'probe.wake_requested');
    expect(wake?.payload['envelope']).toEqual([
      { fix: 'restart_process', mode: 'approve', capability: 'cap_autofix' },
    ]);
  });

  it('what a kill of the runtime cut off is unknown, is told, and is not done again', async () => {
    await house.kora('capability', 'grant', 'cap_autofix', '--to', 'plugin:probes', '--reason', 'by itself');
    isUp = false;
    await until('the service to be asked', () => calls.length === 1);
    expect(await newest('door')).toMatchObject({ status: 'running', mode: 'auto', askedBy: 'wake' });
    up.child.signal('SIGKILL');
    await up.child.ended;
    up = await house.up(['--config', config]);
    const cut = await until('the attempt to be given up', async () => {
      const attempt = await newest('door');
      return attempt?.status === 'ended' && attempt;
    });
    expect(cut).toMatchObject({ outcome: 'unknown', code: 'runtime_ended', remedy: 'kora probe run door' });
    const { data: messages } = await house.read(z.array(messageSchema), 'inbox');
    expect(messages.map(({ title }) => title)).toContain('🔧 Fix · door: nobody knows whether it happened');
    const looked = (await house.api().probes()).find(({ name }) => name === 'door')?.checkedAt ?? '';
    await until('the door to be looked at again', async () => {
      const door = (await house.api().probes()).find(({ name }) => name === 'door');
      return door?.status === 'unhealthy' && (door.checkedAt ?? '') > looked;
    });
    expect((await house.api().fixes()).attempts.filter(({ probe }) => probe === 'door')).toHaveLength(1);
    expect(calls).toHaveLength(1);
  });
});
