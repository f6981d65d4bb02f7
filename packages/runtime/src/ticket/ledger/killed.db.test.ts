import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { testDatabase } from '../../store/testing/database.ts';
import { sideEffects } from '../contract.ts';
import type { OperationSpec } from '../contract.ts';
import { ticketBench } from '../testing/bench.ts';
import type { ChildJob } from '../testing/ledger-child.ts';
import { holdAll, ledgerOver, refusal } from '../testing/ledger.ts';

/** A real process with a pid of its own, and its lines. */
function start(script: URL, argument: string) {
  const path = fileURLToPath(script);
  const child = spawn(process.execPath, ['--conditions=@kora/source', path, argument], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return { child, lines };
}

/** Where a process is killed, and what the ledger says then. A beginning, a dispatch, the effect and the commit are steps. */
const moments = [
  { status: undefined, done: false, fate: { step: 0, landed: false } },
  { status: 'allocated', done: false, fate: { step: 0, landed: true } },
  { status: 'dispatched', done: false, fate: { step: 1, landed: true } },
  { status: 'dispatched', done: true, fate: { step: 2, landed: true } },
  { status: 'committed', done: true, fate: { step: 3, landed: true } },
] as const;

test('kill -9 at each state of the ledger: one key over all attempts, each once effect at most once (ticket defects 5, 13)', async () => {
  const { database, connection } = await testDatabase();
  const bench = await ticketBench({ database });
  const { workspaceId } = bench.owner;
  const folder = await mkdtemp(join(tmpdir(), 'kora-scribe-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'effects');
  const scribe = start(new URL('../testing/scribe.ts', import.meta.url), file);
  await expect.poll(() => scribe.lines).toHaveLength(1);
  const world = `http://127.0.0.1:${scribe.lines[0]}`;

  const cases = sideEffects.flatMap((sideEffects) => moments.map((moment) => ({ sideEffects, ...moment })));
  for (const _ of cases) await bench.add();
  const sessionId = await bench.session();
  const claims = await bench.claim(sessionId, cases.length);
  const works = cases.flatMap(({ sideEffects, fate, status, done }, n) => {
    const claim = claims[n];
    const spec: OperationSpec = { id: 'pay', tool: 'scribe', sideEffects };
    return claim === undefined ? [] : [{ claim, spec, fate, status, done }];
  });
  expect(works).toHaveLength(cases.length);
  const job: ChildJob = { connection, workspaceId, sessionId, world, works };
  const { child, lines } = start(new URL('../testing/ledger-child.ts', import.meta.url), JSON.stringify(job));
  await expect.poll(() => lines).toHaveLength(works.length);
  child.kill('SIGKILL');
  await once(child, 'close');

  const { ledger } = ledgerOver(database, workspaceId);
  const effects = async (ticketId: number): Promise<number> => {
    const written = (await readFile(file, 'utf8')).split('\n');
    const mine = written.filter((line) => line.startsWith(`kora-${workspaceId}-${ticketId}-`));
    expect(new Set(mine).size).toBeLessThanOrEqual(1);
    return mine.length;
  };
  for (const { claim, status, done } of works) {
    const [row] = await ledger.list(claim.ticketId);
    expect(row?.status).toBe(status);
    expect(await effects(claim.ticketId)).toBe(done ? 1 : 0);
  }
  await bench.expire(sessionId);
  await bench.reap();
  await bench.passTime();

  const again = new Map((await holdAll(bench)).map(({ work }) => [work.ticketId, work]));
  for (const { claim, spec, status, done } of works) {
    const work = again.get(claim.ticketId);
    assert.ok(work, `ticket ${claim.ticketId} was not claimed again`);
    expect(work.fence).toBeGreaterThan(claim.fence);
    const outcome = await refusal(
      work.operation(spec, async (key) => {
        const answer = await fetch(`${world}/${encodeURIComponent(key)}`, { method: 'POST' });
        return answer.text();
      }),
    );
    const unknown = spec.sideEffects === 'once' && status === 'dispatched';
    expect(outcome).toBe(unknown ? 'KORA_OPERATION_UNKNOWN' : 'no refusal: undefined');
    const [row] = await ledger.list(claim.ticketId);
    expect(row).toMatchObject({ operationId: 'pay', status: unknown ? 'dispatched' : 'committed' });
    // What may be repeated was asked for again under the same key; nothing else was.
    const repeated = !unknown && status === 'dispatched' && done;
    const calls = repeated ? 2 : unknown && !done ? 0 : 1;
    expect(await effects(claim.ticketId)).toBe(calls);
  }
});
