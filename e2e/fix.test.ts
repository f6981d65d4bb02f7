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
import { until } from './harness/wait.ts';

type Attempt = z.infer<typeof fixAttemptSchema>;

/** A worker dies and is started again, by a fix that the operator agreed to; what is outside of the envelope is not done. */
describe('a process that is killed', () => {
  const house = new House();
  let mended: Attempt | undefined;

  const workers = async (): Promise<readonly number[]> => {
    const worker = (await house.api().probes()).find(({ name }) => name === 'worker');
    return worker?.status === 'healthy' ? z.array(z.number()).parse(worker.details['pids']) : [];
  };
  const failing = (): Promise<boolean> =>
    until('the worker to be found dead', async () => {
      const worker = (await house.api().probes()).find(({ name }) => name === 'worker');
      return worker?.status === 'unhealthy' && worker.incidentId !== null;
    });

  beforeAll(async () => {
    const program = house.file('worker.mjs', "setInterval(() => {}, 1000); console.log('working');");
    const config = house.file('kora.json', {
      plugins: {
        config: {
          probes: {
            builtin: false,
            probes: [{ kind: 'process', name: 'worker', match: program, everyMs: 200 }],
            fixes: [
              {
                probe: 'worker',
                use: 'restart_process',
                mode: 'approve',
                argv: [process.execPath, program],
                perTargetPerHour: 1,
                verifySeconds: 30,
              },
            ],
          },
        },
      },
    });
    const worker = house.startNode([program]);
    await house.up(['--config', config]);
    await until('the worker to be seen', async () => (await workers()).length === 1);
    worker.signal('SIGKILL');
    const [waiting] = await until('the question', async () => {
      const { attempts } = await house.api().fixes();
      return attempts[0]?.status === 'waiting' && attempts;
    });
    await house.read(
      approvalSchema,
      'fix',
      'approve',
      String(waiting?.attemptId),
      '--reason',
      'that worker is ours',
    );
    mended = await until('the attempt to end', async () => {
      const attempt = await house.api().fixAttempt(waiting?.attemptId ?? 0);
      return attempt.status === 'ended' && attempt;
    });
  });

  afterAll(async () => {
    for (const pid of await workers().catch(() => [])) process.kill(pid, 'SIGKILL');
    await house[Symbol.asyncDispose]();
  });

  it('runs again once the operator agreed, and the probe found it well', async () => {
    expect(mended).toMatchObject({
      outcome: 'mended',
      askedBy: 'wake',
      before: { status: 'unhealthy', running: 0 },
      after: { status: 'healthy', running: 1 },
      conditions: [{ name: 'none_running', holds: true }],
    });
    expect(await workers()).toHaveLength(1);
    const { data: messages } = await house.read(z.array(messageSchema), 'inbox');
    const thread = `incident:${String(mended?.incidentId)}`;
    expect(messages.filter((message) => message.thread === thread).map(({ title }) => title)).toContain(
      '🔧 Fix · worker: mended',
    );
  });

  it('is not started over its bound, at another target, or in another way; each is told', async () => {
    const [pid] = await workers();
    process.kill(pid ?? 0, 'SIGKILL');
    await failing();
    const { data: over, code } = await house.read(fixRehearsalSchema, 'fix', 'try', 'worker', '--dry-run');
    expect([over.verdict, over.code, code]).toEqual(['refused', 'limit_reached', 1]);
    const tried = async (...args: readonly string[]): Promise<string | null> => {
      const { data } = await house.read(
        fixAttemptSchema,
        'fix',
        'try',
        'worker',
        ...args,
        '--reason',
        'again',
      );
      return data.code;
    };
    expect(await tried()).toBe('limit_reached');
    expect(await tried('--target', 'process:mail@elsewhere')).toBe('target_not_in_snapshot');
    expect(await tried('scale_up')).toBe('action_not_in_envelope');
    expect(await workers()).toEqual([]);
    const { data } = await house.read(fixesSchema, 'fix', 'list');
    expect(data.attempts.map(({ outcome }) => outcome)).toEqual([
      'rejected',
      'rejected',
      'rejected',
      'mended',
    ]);
    const { data: events } = await house.read(
      z.array(z.object({ type: z.string() })),
      'event',
      'tail',
      '--limit',
      '500',
    );
    expect(events.filter(({ type }) => type === 'tool.probe_autofix_attempted')).toHaveLength(4);
  });
});
