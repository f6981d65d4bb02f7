import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { handClock } from '../../fixtures/clock.ts';
import { configSchema } from '../config.ts';
import type { CommandProbe } from '../config.ts';
import { lookAtCommand } from './command.ts';
import { processTable } from './process-table.ts';
import { bareEnvironment, outputLimitBytes, runProgram } from './run-program.ts';

const never = new AbortController().signal;
const node = process.execPath;

function probe(given: Record<string, unknown>): CommandProbe {
  const [parsed] = configSchema.parse({ probes: [{ kind: 'command', name: 'backup', ...given }] }).probes;
  if (parsed?.kind !== 'command') throw new Error('not a command probe');
  return parsed;
}

const script = (text: string): string[] => [node, '-e', text];
const ask = (given: Record<string, unknown>) => lookAtCommand(probe(given), handClock(), never);

describe('a command look', () => {
  it.each([
    ['process.exit(0)', {}, 'healthy', undefined],
    ['process.exit(3)', {}, 'unhealthy', 'command node : exited with 3, expected 0'],
    ['process.exit(3)', { degradedExit: [3] }, 'degraded', 'command node : exited with 3'],
    ['process.exit(3)', { expectExit: [0, 3] }, 'healthy', undefined],
    ['process.kill(process.pid, "SIGTERM")', {}, 'unhealthy', 'command node : was ended by SIGTERM'],
    [
      'console.log("age 4")',
      { outputMatches: 'age [0-3]\\b' },
      'unhealthy',
      'command node : its output does not match the expected pattern',
    ],
    ['console.log("ok")', { outputIncludes: 'ok' }, 'healthy', undefined],
  ])('whose program says %j under %j is %s', async (text, given, status, error) => {
    const snapshot = await ask({ argv: script(text), ...given });
    expect(snapshot.status).toBe(status);
    expect(snapshot.error).toBe(error);
  });

  it('shows what was written only where that is wished', async () => {
    const argv = script('console.log("CRITICAL disk\\nmore"); process.exit(2)');
    const hidden = await ask({ argv });
    expect(JSON.stringify(hidden)).not.toContain('CRITICAL');
    expect(await ask({ argv, showOutput: true })).toMatchObject({
      error: 'command node : exited with 2, expected 0: CRITICAL disk',
      details: { exitCode: 2, line: 'CRITICAL disk' },
    });
  });

  it('says that there is no such program', async () => {
    expect(await ask({ argv: ['/nonexistent/check'] })).toMatchObject({
      status: 'unhealthy',
      category: 'drift',
      error: 'command check : there is no such program (ENOENT)',
    });
  });

  it('kills what does not end in time', async () => {
    const clock = handClock();
    const looking = lookAtCommand(
      probe({ argv: script('setInterval(() => {}, 1e6)'), timeoutMs: 50 }),
      clock,
      never,
    );
    clock.elapse();
    expect(await looking).toMatchObject({
      status: 'unreachable',
      error: 'command node : timed out after 50 ms and was killed',
    });
  });

  it('kills with it what it has started', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kora-command-'));
    const pidFile = join(folder, 'pid');
    const stop = new AbortController();
    // The look's limit aborts this signal.
    const run = runProgram(
      script(`
        const idle = 'setInterval(() => {}, 1e6)';
        const child = require('node:child_process').spawn(process.execPath, ['-e', idle], { stdio: 'ignore' });
        require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(child.pid));
        setInterval(() => {}, 1e6);`),
      { signal: stop.signal },
    );
    let child = 0;
    await vi.waitFor(async () => {
      child = Number(await readFile(pidFile, 'utf8'));
      expect(child).toBeGreaterThan(0);
    });
    stop.abort();
    expect(await run).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
    await vi.waitFor(async () => expect((await processTable(never)).has(child)).toBe(false));
    await rm(folder, { recursive: true });
  });

  it('is given no environment in which a secret could be', () => {
    const given = {
      PATH: '/bin',
      HOME: '/root',
      KORA_DATABASE_URL: 'postgres://u:p@h/d',
      AWS_SECRET_ACCESS_KEY: 'x',
    };
    expect(bareEnvironment(given)).toEqual({ PATH: '/bin', HOME: '/root', LC_ALL: 'C' });
  });

  it('keeps no more of the output than a look may hold', async () => {
    const end = await runProgram(script('process.stdout.write("x".repeat(300000))'), { signal: never });
    expect([end.stdout.length, end.cut]).toEqual([outputLimitBytes, true]);
  });

  it('takes no program by a name that the path could change', () => {
    expect(() => probe({ argv: ['df', '-h'] })).toThrow(/whole path/);
  });
});
