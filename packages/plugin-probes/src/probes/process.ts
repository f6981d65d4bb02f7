import { readFile } from 'node:fs/promises';
import type { ProbeSnapshot } from '@kora/runtime/plugin';
import type { ProcessProbe } from '../config.ts';
import { look, millisecondsSince } from './look.ts';
import type { LookClock } from './look.ts';
import { processTable } from './process-table.ts';

/** Whoever adds a probe for a text has that text in its own command line, and is not what is meant. */
const asksForProbe = /(?:^|[\s/])(?:kora|bin\.[jt]s) probe [a-z]+\s/;

/** What is looked for, for people. Command lines of running processes are never shown: they can hold secrets. */
export function shownProcess(probe: Pick<ProcessProbe, 'match' | 'pidFile'>): string {
  return probe.pidFile ?? `"${probe.match ?? ''}"`;
}

/** Counts the running processes that match, or sees whether the pid of a file runs. */
export async function lookAtProcess(
  probe: ProcessProbe,
  clock: LookClock,
  signal: AbortSignal,
): Promise<ProbeSnapshot> {
  const from = performance.now();
  const looked = await look({ timeoutMs: probe.timeoutMs, clock, signal }, async (current) => {
    current.waitingFor = 'the list of processes';
    const table = await processTable(current.signal);
    return probe.pidFile === undefined
      ? gradeCount(probe, table)
      : gradePid(probe, await readPid(probe.pidFile), table);
  });
  if (looked.kind === 'answered') return { ...looked.answer, latencyMs: millisecondsSince(from) };
  // Without /proc and ps nothing can be said, and silence must not look like health or like a death.
  const why =
    looked.kind === 'timeout'
      ? `timed out after ${probe.timeoutMs} ms waiting for ${looked.waitingFor}`
      : 'the list of processes cannot be read';
  return failing(probe, why, { failure: 'process_list' });
}

function gradeCount(probe: ProcessProbe, table: ReadonlyMap<number, string>): ProbeSnapshot {
  const text = probe.match ?? '';
  const pids = [...table]
    .filter(([, command]) => command.includes(text) && !asksForProbe.test(command))
    .map(([pid]) => pid);
  const details = { running: pids.length, wanted: probe.atLeast, pids: pids.slice(0, 20) };
  if (pids.length >= probe.atLeast) return { status: 'healthy', details };
  return failing(probe, `${pids.length} running, ${probe.atLeast} wanted`, {
    ...details,
    failure: 'not_running',
  });
}

function gradePid(
  probe: ProcessProbe,
  pid: number | string,
  table: ReadonlyMap<number, string>,
): ProbeSnapshot {
  if (typeof pid === 'string') return failing(probe, pid, { failure: 'pid_file' });
  const command = table.get(pid);
  if (command === undefined)
    return failing(probe, `pid ${pid} is not running`, { pid, failure: 'not_running' });
  if (probe.match !== undefined && !command.includes(probe.match)) {
    return failing(probe, `pid ${pid} runs another command`, { pid, failure: 'not_running' });
  }
  return { status: 'healthy', details: { pid } };
}

/** The pid in a file, or why there is none. */
async function readPid(path: string): Promise<number | string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return {
      missing: code === 'ENOENT' ? 'the pid file does not exist' : `the pid file cannot be read (${code})`,
    };
  });
  if (typeof text === 'object') return text.missing;
  const pid = Number(text.trim());
  return Number.isSafeInteger(pid) && pid > 0 ? pid : 'the pid file does not hold a pid';
}

function failing(
  probe: ProcessProbe,
  why: string,
  details: Readonly<Record<string, unknown>>,
): ProbeSnapshot {
  const error = `process ${shownProcess(probe)} : ${why}`;
  return { status: 'unhealthy', details, error, category: 'service_unhealthy' };
}
