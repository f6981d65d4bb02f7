import type { ProbeSnapshot } from '@kora/runtime/plugin';
import type { SystemdProbe } from '../config.ts';
import { look, millisecondsSince } from './look.ts';
import type { LookClock } from './look.ts';
import { runProgram } from './run-program.ts';
import type { ProgramEnd } from './run-program.ts';

const properties = [
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'MainPID',
  'NRestarts',
  'ExecMainCode',
  'ExecMainStatus',
  'MemoryCurrent',
  'MemoryMax',
  'StateChangeTimestamp',
] as const;

/** How `systemctl` is run; tests hand in what it would have said. */
export type Systemctl = (args: readonly string[], signal: AbortSignal) => Promise<ProgramEnd>;

/** Asks the service manager how a unit is. A machine without one is `unconfigured`: nothing is watched there. */
export async function lookAtSystemd(
  probe: SystemdProbe,
  clock: LookClock,
  signal: AbortSignal,
  systemctl: Systemctl = run,
): Promise<ProbeSnapshot> {
  const from = performance.now();
  const looked = await look({ timeoutMs: probe.timeoutMs, clock, signal }, (current) => {
    current.waitingFor = 'the service manager';
    const manager = probe.user ? ['--user'] : [];
    const shown = properties.map((name) => `--property=${name}`);
    return systemctl([...manager, 'show', '--no-pager', ...shown, '--', probe.unit], current.signal);
  });
  const unit = `unit ${probe.unit}`;
  if (looked.kind === 'timeout') {
    return {
      status: 'unreachable',
      details: { failure: 'timeout' },
      error: `${unit} : timed out after ${probe.timeoutMs} ms waiting for ${looked.waitingFor}`,
      category: 'unreachable',
    };
  }
  const code = looked.kind === 'failed' ? codeOf(looked.error) : null;
  // Short of memory or files a machine cannot start a program either: that is no machine without systemd.
  if (code !== null && code !== 'ENOENT') {
    return {
      status: 'unhealthy',
      details: { failure: 'systemctl', code },
      error: `${unit} : systemctl did not start (${code})`,
      category: 'capacity',
    };
  }
  if (looked.kind === 'failed' || isWithoutSystemd(looked.answer)) {
    const details = { failure: 'no_systemd' };
    return { status: 'unconfigured', details, error: `${unit} : there is no systemd on this machine` };
  }
  if (looked.answer.exitCode !== 0) {
    return {
      status: 'unhealthy',
      details: { failure: 'systemctl', exitCode: looked.answer.exitCode },
      error: `${unit} : systemctl exited with ${looked.answer.exitCode ?? looked.answer.signal ?? 'nothing'}`,
      category: 'service_unhealthy',
    };
  }
  return { ...gradeUnit(probe, parseUnit(looked.answer.stdout)), latencyMs: millisecondsSince(from) };
}

/** What is known of a unit; null where the manager does not say. */
export interface UnitFacts {
  readonly loadState: string;
  readonly activeState: string;
  readonly subState: string;
  /** Why its last run ended: `success`, `exit-code`, `signal`, `oom-kill`, `timeout`. */
  readonly result: string;
  readonly mainPid: number | null;
  readonly restarts: number | null;
  readonly exitCode: number | null;
  /** The number of the signal that ended its main process. */
  readonly signal: number | null;
  readonly memoryBytes: number | null;
  readonly memoryLimitBytes: number | null;
  /** As systemd writes it. */
  readonly since: string | null;
}

/** Reads `systemctl show`. */
export function parseUnit(text: string): UnitFacts {
  const said = new Map(
    text.split('\n').map((line): [string, string] => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1).trim()];
    }),
  );
  const word = (key: string): string => said.get(key) ?? '';
  const count = (key: string): number | null => (/^\d+$/.test(word(key)) ? Number(word(key)) : null);
  // CLD_EXITED is 1; 2 and 3 are ends by a signal, and then the status is its number.
  const [how, status] = [count('ExecMainCode'), count('ExecMainStatus')];
  return {
    loadState: word('LoadState'),
    activeState: word('ActiveState'),
    subState: word('SubState'),
    result: word('Result'),
    mainPid: count('MainPID') === 0 ? null : count('MainPID'),
    restarts: count('NRestarts'),
    exitCode: how === 1 ? status : null,
    signal: how === 2 || how === 3 ? status : null,
    memoryBytes: bounded(count('MemoryCurrent')),
    memoryLimitBytes: bounded(count('MemoryMax')),
    since: word('StateChangeTimestamp') === '' ? null : word('StateChangeTimestamp'),
  };
}

export function gradeUnit(probe: Pick<SystemdProbe, 'unit'>, facts: UnitFacts): ProbeSnapshot {
  const details = { unit: probe.unit, ...facts };
  const bad = (
    status: 'degraded' | 'unhealthy',
    failure: string,
    words: string,
    category: 'drift' | 'capacity' | 'service_unhealthy' = 'service_unhealthy',
  ): ProbeSnapshot => ({
    status,
    details: { ...details, failure },
    error: `unit ${probe.unit} : ${words}`,
    category,
  });
  const { loadState, activeState, subState, result } = facts;
  if (loadState !== 'loaded')
    return bad('unhealthy', 'not_loaded', loadWords[loadState] ?? `is ${loadState || 'unknown'}`, 'drift');
  if (activeState === 'active' || activeState === 'reloading' || activeState === 'refreshing')
    return { status: 'healthy', details };
  const why = `${activeState} (${[subState, ...endWords(facts)].filter((each) => each !== '').join(', ')})`;
  const category = result === 'oom-kill' ? 'capacity' : 'service_unhealthy';
  if (activeState === 'activating' || activeState === 'deactivating')
    return bad('degraded', subState === 'auto-restart' ? 'restarting' : 'changing', why, category);
  return bad('unhealthy', activeState === 'failed' ? 'failed' : 'not_running', why, category);
}

const loadWords: Readonly<Record<string, string>> = {
  'not-found': 'there is no such unit',
  masked: 'is masked',
  error: 'its file cannot be read',
  'bad-setting': 'its file has a setting that does not parse',
};

function endWords({ result, exitCode, signal, restarts }: UnitFacts): string[] {
  return [
    result === 'success' ? '' : result,
    exitCode === null || exitCode === 0 ? '' : `exit code ${exitCode}`,
    signal === null ? '' : `signal ${signal}`,
    restarts === null || restarts === 0 ? '' : `restarted ${restarts} times`,
  ];
}

/** "Not accounted" and "no limit" are the largest number that fits, in some versions. */
function bounded(bytes: number | null): number | null {
  return bytes !== null && Number.isSafeInteger(bytes) ? bytes : null;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

function isWithoutSystemd({ exitCode, stderr }: ProgramEnd): boolean {
  return (
    exitCode !== 0 &&
    /not been booted with systemd|Failed to connect to (?:system |user )?(?:scope )?bus/i.test(stderr)
  );
}

function run(args: readonly string[], signal: AbortSignal): Promise<ProgramEnd> {
  return runProgram(['systemctl', ...args], { signal });
}
