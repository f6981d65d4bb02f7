import { basename } from 'node:path';
import type { ProbeSnapshot } from '@kora/runtime/plugin';
import type { CommandProbe } from '../config.ts';
import { look, millisecondsSince } from './look.ts';
import type { LookClock } from './look.ts';
import { matchesPattern } from './pattern.ts';
import { runProgram } from './run-program.ts';
import type { ProgramEnd } from './run-program.ts';

const longestLine = 200;

/** The program's name alone: arguments can hold secrets. */
export function shownCommand(probe: Pick<CommandProbe, 'argv'>): string {
  return basename(probe.argv[0] ?? '');
}

/** Runs a program to its end and grades how it ended. */
export async function lookAtCommand(
  probe: CommandProbe,
  clock: LookClock,
  signal: AbortSignal,
): Promise<ProbeSnapshot> {
  const from = performance.now();
  const looked = await look({ timeoutMs: probe.timeoutMs, clock, signal }, (current) => {
    current.waitingFor = 'its end';
    return runProgram(probe.argv, { cwd: probe.cwd, signal: current.signal });
  });
  const command = `command ${shownCommand(probe)}`;
  if (looked.kind === 'answered') return gradeCommand(probe, looked.answer, millisecondsSince(from));
  if (looked.kind === 'timeout') {
    return {
      status: 'unreachable',
      details: { failure: 'timeout' },
      error: `${command} : timed out after ${probe.timeoutMs} ms and was killed`,
      category: 'unreachable',
    };
  }
  const code =
    looked.error instanceof Error && 'code' in looked.error ? String(looked.error.code) : 'unknown';
  const why =
    code === 'ENOENT'
      ? 'there is no such program'
      : code === 'EACCES'
        ? 'it may not be run'
        : 'it did not start';
  return {
    status: 'unhealthy',
    details: { failure: 'not_started', code },
    error: `${command} : ${why} (${code})`,
    category: 'drift',
  };
}

export function gradeCommand(probe: CommandProbe, end: ProgramEnd, latencyMs: number): ProbeSnapshot {
  const line = firstLine(end);
  const details = {
    exitCode: end.exitCode,
    ...(end.signal === null ? {} : { signal: end.signal }),
    outputBytes: Buffer.byteLength(end.stdout),
    ...(probe.showOutput && line !== '' ? { line } : {}),
  };
  const worst = objectionTo(probe, end, latencyMs);
  if (worst === null) return { status: 'healthy', latencyMs, details };
  const said = probe.showOutput && line !== '' ? `: ${line}` : '';
  return {
    status: worst.status,
    latencyMs,
    details: { ...details, failure: worst.failure },
    error: `command ${shownCommand(probe)} : ${worst.words}${said}`,
    category: worst.category,
  };
}

interface Objection extends Pick<ProbeSnapshot, 'status' | 'category'> {
  readonly failure: 'signal' | 'exit' | 'output' | 'slow';
  readonly words: string;
  readonly category: 'service_unhealthy' | 'drift' | 'latency';
}

function objectionTo(probe: CommandProbe, end: ProgramEnd, latencyMs: number): Objection | null {
  const service = { status: 'unhealthy', category: 'service_unhealthy' } as const;
  if (end.exitCode === null)
    return { ...service, failure: 'signal', words: `was ended by ${end.signal ?? 'a signal'}` };
  const exited = `exited with ${end.exitCode}`;
  if (probe.degradedExit.includes(end.exitCode))
    return { ...service, status: 'degraded', failure: 'exit', words: exited };
  if (!probe.expectExit.includes(end.exitCode))
    return { ...service, failure: 'exit', words: `${exited}, expected ${probe.expectExit.join(' or ')}` };
  const drift = { status: 'unhealthy', category: 'drift', failure: 'output' } as const;
  if (probe.outputIncludes !== undefined && !end.stdout.includes(probe.outputIncludes))
    return { ...drift, words: 'its output lacks the expected text' };
  if (probe.outputMatches !== undefined && !matchesPattern(end.stdout, probe.outputMatches))
    return { ...drift, words: 'its output does not match the expected pattern' };
  if (probe.slowMs !== undefined && latencyMs > probe.slowMs) {
    const words = `took ${latencyMs} ms, longer than ${probe.slowMs} ms`;
    return { status: 'degraded', category: 'latency', failure: 'slow', words };
  }
  return null;
}

function firstLine({ stdout, stderr }: ProgramEnd): string {
  const text = stdout.trim() === '' ? stderr : stdout;
  return (text.trim().split('\n', 1)[0] ?? '').slice(0, longestLine);
}
