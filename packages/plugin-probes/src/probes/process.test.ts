import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handClock, spentClock } from '../../fixtures/clock.ts';
import { configSchema } from '../config.ts';
import type { ProcessProbe } from '../config.ts';
import { parsePs, processTable } from './process-table.ts';
import { lookAtProcess } from './process.ts';

const children: ChildProcess[] = [];
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kora-process-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) await end(child);
  await rm(folder, { recursive: true });
});

async function start(...marks: readonly string[]): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, [
    '-e',
    'console.log("up"); setInterval(() => {}, 60_000)',
    ...marks,
    '--password=s3cret',
  ]);
  children.push(child);
  await once(child.stdout, 'data');
  if (child.pid === undefined) throw new Error('no pid');
  return child as ChildProcess & { pid: number };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const never = new AbortController().signal;
const clock = handClock();

function probe(given: Record<string, unknown>): ProcessProbe {
  const [parsed] = configSchema.parse({ probes: [{ kind: 'process', name: 'worker', ...given }] }).probes;
  if (parsed?.kind !== 'process') throw new Error('not a process probe');
  return parsed;
}
const ask = (given: Record<string, unknown>) => lookAtProcess(probe(given), clock, never);

describe('a process look by command line', () => {
  it('does not find the command that asks for it', async () => {
    const mark = `kora-test-${randomUUID()}`;
    await start('/usr/bin/kora', 'probe', 'add', 'process', mark);
    expect(await ask({ match: mark })).toMatchObject({ status: 'unhealthy', details: { running: 0 } });
  });

  it('is healthy while enough processes run, and unhealthy when one is killed', async () => {
    const mark = `kora-test-${randomUUID()}`;
    const first = await start(mark);
    const second = await start(mark);
    const healthy = await ask({ match: mark, atLeast: 2 });
    expect(healthy).toMatchObject({ status: 'healthy', details: { running: 2, wanted: 2 } });
    expect(healthy.details['pids']).toEqual([first.pid, second.pid].toSorted((one, other) => one - other));

    await end(second);
    expect(await ask({ match: mark, atLeast: 2 })).toMatchObject({
      status: 'unhealthy',
      category: 'service_unhealthy',
      error: `process "${mark}" : 1 running, 2 wanted`,
      details: { failure: 'not_running', running: 1 },
    });
  });

  it('never shows a command line, which can hold a password', async () => {
    const mark = `kora-test-${randomUUID()}`;
    await start(mark);
    expect(JSON.stringify(await ask({ match: mark }))).not.toContain('s3cret');
    expect(JSON.stringify(await ask({ match: mark, atLeast: 3 }))).not.toContain('s3cret');
  });

  it('says when the list of processes did not come in time', async () => {
    const atOnce = spentClock();
    const snapshot = await lookAtProcess(probe({ match: 'x', timeoutMs: 40 }), atOnce, never);
    expect(snapshot.error).toBe('process "x" : timed out after 40 ms waiting for the list of processes');
  });
});

describe('a process look by pid file', () => {
  it('follows the process of the pid', async () => {
    const mark = `kora-test-${randomUUID()}`;
    const child = await start(mark);
    const pidFile = join(folder, 'worker.pid');
    await writeFile(pidFile, `${child.pid}\n`);
    expect(await ask({ pidFile })).toMatchObject({ status: 'healthy', details: { pid: child.pid } });
    expect((await ask({ pidFile, match: mark })).status).toBe('healthy');
    expect((await ask({ pidFile, match: 'another' })).error).toBe(
      `process ${pidFile} : pid ${child.pid} runs another command`,
    );

    await end(child);
    expect(await ask({ pidFile })).toMatchObject({
      status: 'unhealthy',
      error: `process ${pidFile} : pid ${child.pid} is not running`,
    });
  });

  it('says what is wrong with the file', async () => {
    const pidFile = join(folder, 'worker.pid');
    expect((await ask({ pidFile })).error).toBe(`process ${pidFile} : the pid file does not exist`);
    await writeFile(pidFile, 'soon');
    expect((await ask({ pidFile })).error).toBe(`process ${pidFile} : the pid file does not hold a pid`);
    expect((await ask({ pidFile: folder })).error).toBe(
      `process ${folder} : the pid file cannot be read (EISDIR)`,
    );
  });
});

describe('the list of processes', () => {
  it('has this one in it', async () => {
    const table = await processTable(never);
    expect(table.get(process.pid)).toContain('node');
  });

  it('reads ps where there is no /proc, and leaves zombies out', () => {
    const table = parsePs(
      '    1 Ss   /sbin/launchd\n  412 Z    (worker)\n 9001 S+   node server.js --port 80\n\n',
    );
    expect([...table]).toEqual([
      [1, '/sbin/launchd'],
      [9001, 'node server.js --port 80'],
    ]);
  });
});
