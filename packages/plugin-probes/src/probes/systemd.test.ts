// `systemctl show` as freedesktop.org/software/systemd/man/latest/systemctl.html and org.freedesktop.systemd1.html tell it.
import { describe, expect, it } from 'vitest';
import { handClock } from '../../fixtures/clock.ts';
import { configSchema } from '../config.ts';
import type { SystemdProbe } from '../config.ts';
import type { ProgramEnd } from './run-program.ts';
import { lookAtSystemd } from './systemd.ts';

function probe(unit: string): SystemdProbe {
  const [parsed] = configSchema.parse({ probes: [{ kind: 'systemd', name: 'unit', unit }] }).probes;
  if (parsed?.kind !== 'systemd') throw new Error('not a systemd probe');
  return parsed;
}

const shown = (over: Record<string, string> = {}): string =>
  Object.entries({
    LoadState: 'loaded',
    ActiveState: 'active',
    SubState: 'running',
    Result: 'success',
    MainPID: '812',
    NRestarts: '0',
    ExecMainCode: '0',
    ExecMainStatus: '0',
    MemoryCurrent: '73400320',
    MemoryMax: '536870912',
    StateChangeTimestamp: 'Sun 2026-11-22 10:00:00 UTC',
    ...over,
  })
    .map(([key, value]) => `${key}=${value}`)
    .join('\n');

async function look(end: Partial<ProgramEnd> | Error, unit = 'shop.service') {
  const asked: string[][] = [];
  const snapshot = await lookAtSystemd(probe(unit), handClock(), new AbortController().signal, (args) => {
    asked.push([...args]);
    const whole = { exitCode: 0, signal: null, stdout: '', stderr: '', cut: false };
    return end instanceof Error ? Promise.reject(end) : Promise.resolve({ ...whole, ...end });
  });
  return { snapshot, asked };
}

describe('a systemd look', () => {
  it('is healthy while the unit is active, and says what it uses and what it may', async () => {
    const { snapshot, asked } = await look({ stdout: shown() });
    expect(snapshot).toMatchObject({
      status: 'healthy',
      details: { unit: 'shop.service', mainPid: 812, memoryBytes: 73_400_320, memoryLimitBytes: 536_870_912 },
    });
    expect(asked[0]?.slice(-2)).toEqual(['--', 'shop.service']);
  });

  it.each([
    [
      {
        ActiveState: 'failed',
        SubState: 'failed',
        Result: 'oom-kill',
        ExecMainCode: '2',
        ExecMainStatus: '9',
        NRestarts: '5',
      },
      'unhealthy',
      'capacity',
      'failed (failed, oom-kill, signal 9, restarted 5 times)',
    ],
    [
      {
        ActiveState: 'failed',
        SubState: 'failed',
        Result: 'exit-code',
        ExecMainCode: '1',
        ExecMainStatus: '203',
      },
      'unhealthy',
      'service_unhealthy',
      'failed (failed, exit-code, exit code 203)',
    ],
    [
      {
        ActiveState: 'activating',
        SubState: 'auto-restart',
        Result: 'exit-code',
        ExecMainCode: '1',
        ExecMainStatus: '1',
      },
      'degraded',
      'service_unhealthy',
      'activating (auto-restart, exit-code, exit code 1)',
    ],
    [{ ActiveState: 'inactive', SubState: 'dead' }, 'unhealthy', 'service_unhealthy', 'inactive (dead)'],
    [{ LoadState: 'not-found', ActiveState: 'inactive' }, 'unhealthy', 'drift', 'there is no such unit'],
    [{ LoadState: 'masked', ActiveState: 'inactive' }, 'unhealthy', 'drift', 'is masked'],
  ])('grades %j', async (over, status, category, words) => {
    const { snapshot } = await look({ stdout: shown(over) });
    expect(snapshot).toMatchObject({ status, category, error: `unit shop.service : ${words}` });
  });

  it('reads what is not accounted and not limited as unknown', async () => {
    const { snapshot } = await look({
      stdout: shown({ MemoryCurrent: '[not set]', MemoryMax: 'infinity', NRestarts: '', MainPID: '0' }),
    });
    expect(snapshot.details).toMatchObject({
      memoryBytes: null,
      memoryLimitBytes: null,
      restarts: null,
      mainPid: null,
    });
    const { snapshot: older } = await look({ stdout: shown({ MemoryCurrent: '18446744073709551615' }) });
    expect(older.details['memoryBytes']).toBeNull();
  });

  it.each([
    [Object.assign(new Error('spawn systemctl ENOENT'), { code: 'ENOENT' })],
    [
      {
        exitCode: 1,
        stderr: "System has not been booted with systemd as init system (PID 1). Can't operate.\n",
      },
    ],
    [{ exitCode: 1, stderr: 'Failed to connect to bus: No such file or directory\n' }],
    [{ exitCode: 1, stderr: 'Failed to connect to system scope bus via local transport: Host is down\n' }],
  ])('is unconfigured on a machine without systemd: %j', async (end) => {
    expect((await look(end)).snapshot).toMatchObject({
      status: 'unconfigured',
      error: 'unit shop.service : there is no systemd on this machine',
    });
  });

  it('is no machine without systemd where the program could not be started', async () => {
    const end = Object.assign(new Error('spawn systemctl EAGAIN'), { code: 'EAGAIN' });
    expect((await look(end)).snapshot).toMatchObject({
      status: 'unhealthy',
      details: { failure: 'systemctl', code: 'EAGAIN' },
      error: 'unit shop.service : systemctl did not start (EAGAIN)',
    });
  });

  it('says when systemctl itself fails', async () => {
    expect((await look({ exitCode: 4, stderr: 'no' })).snapshot).toMatchObject({
      status: 'unhealthy',
      error: 'unit shop.service : systemctl exited with 4',
    });
  });

  it('takes no unit that systemctl would read as an option', () => {
    expect(() => probe('--host=evil')).toThrow(/one unit/);
  });
});
