import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { remoteScene } from './testing/remote-scene.ts';
import type { RemoteScene } from './testing/remote-scene.ts';

let scene: RemoteScene;
beforeAll(async () => {
  scene = await remoteScene();
});
afterAll(() => scene.close());

type Line = Readonly<Record<string, unknown>>;

interface WorkerProcess {
  readonly child: ChildProcess;
  /** The first line that has this key. */
  said(key: string): Promise<Line>;
}

function startWorker(token: string, mode: 'finish' | 'hang'): WorkerProcess {
  const file = fileURLToPath(new URL('./testing/worker-process.ts', import.meta.url));
  const env = { ...process.env, KORA_WORKER_TOKEN: token };
  const options = ['--conditions=@kora/source', file, scene.url, mode];
  const child = spawn(process.execPath, options, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line) as Line));
  const said = (key: string): Promise<Line> =>
    vi.waitFor(() => lines.find((line) => key in line) ?? assert.fail(`it said nothing of ${key}`), {
      timeout: 20_000,
      interval: 20,
    });
  return { child, said };
}

const claimed = z.object({ claim: z.object({ tickets: z.array(z.object({ claim: z.string() })).min(1) }) });

const statusOf = async (ticketId: number): Promise<string> =>
  (await scene.operator.tickets.show(ticketId)).status;

test('a worker killed in the middle of its work costs its lease: another finishes, and what it says late is refused', async () => {
  const [doomed, other] = [await scene.worker('doomed'), await scene.worker('other')];
  const ticketId = await scene.add();
  const first = startWorker(doomed.token, 'hang');
  await first.said('working');
  const claim = claimed.parse(await first.said('claim')).claim.tickets[0]?.claim ?? '';
  first.child.kill('SIGKILL');
  // It stays its own until its session’s time is over, and not a moment is counted by anybody’s clock but the store’s.
  expect((await other.calls.claim({})).result).toBe('nothing_ready');
  expect(['claimed', 'in_progress']).toContain(await statusOf(ticketId));
  await scene.lapse(ticketId);
  const second = startWorker(other.token, 'finish');
  await expect.poll(() => statusOf(ticketId), { timeout: 30_000 }).toBe('completed');
  const late = doomed.calls.resolve({ claim, resolution: 'failed_terminal', summary: 'late' });
  await expect(late).rejects.toMatchObject({ status: 409, code: 'KORA_TICKET_STALE_FENCE' });
  expect(await scene.operator.tickets.show(ticketId)).toMatchObject({
    status: 'completed',
    fence: 2,
    result: { key: expect.stringMatching(/-send$/) },
  });
  second.child.kill('SIGTERM');
  await second.said('stopped');
});

test('a worker that is told to stop gives back what it has not finished', async () => {
  const { token } = await scene.worker('leaving');
  const ticketId = await scene.add();
  const worker = startWorker(token, 'hang');
  await worker.said('working');
  worker.child.kill('SIGTERM');
  await worker.said('aborted');
  await worker.said('stopped');
  expect(await scene.operator.tickets.show(ticketId)).toMatchObject({ status: 'released', attempts: 0 });
  await scene.operator.tickets.cancel(ticketId, 'the test is over');
});

test('a worker whose token is not good ends and says so', async () => {
  const { token, workerTokenId } = await scene.worker('gone');
  await scene.operator.workers.revoke(workerTokenId, 'lost');
  const worker = startWorker(token, 'finish');
  expect(await worker.said('refused')).toEqual({ refused: 'KORA_AUTH_MISSING' });
});
