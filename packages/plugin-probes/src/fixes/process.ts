import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import type { FixEnvelope } from '@kora/runtime/plugin';
import type { ProcessProbe } from '../config.ts';
import type { LookClock } from '../probes/look.ts';
import { lookAtProcess, shownProcess } from '../probes/process.ts';
import { bareEnvironment } from '../probes/run-program.ts';
import type { ProcessFix } from './config.ts';
import { autofix, boundsOf, condition, word } from './envelope.ts';

const gone: ReadonlySet<unknown> = new Set(['not_running', 'pid_file']);

/** Starts a program of which its probe finds none running. What still runs is left alone: nothing is ever ended. */
export function processFix(fix: ProcessFix, probe: ProcessProbe, clock: LookClock): FixEnvelope {
  const host = hostname();
  return {
    ...boundsOf(fix),
    fixName: 'restart_process',
    title: `starts ${fix.argv[0] ?? 'the program'}`,
    capability: autofix,
    targets: ({ details }) =>
      gone.has(details['failure'])
        ? [{ id: `process:${probe.name}@${host}`, title: `process ${shownProcess(probe)} on ${host}` }]
        : [],
    conditions: ({ before }) => {
      const running = before['running'];
      const none = running === 0 || (running === undefined && gone.has(before['failure']));
      return [condition('none_running', none, `running: ${word(running ?? (none ? 0 : undefined))}`)];
    },
    observe: async (_target, signal) => {
      const { status, details } = await lookAtProcess(probe, clock, signal);
      return { status, ...details };
    },
    execute: (_target, { signal }) => start(fix, signal),
  };
}

/** It is a process of its own, in a group of its own, and goes on when the runtime ends. Rejects when it does not start. */
async function start({ argv, cwd, env }: ProcessFix, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const [program = '', ...args] = argv;
  const child = spawn(program, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...bareEnvironment(process.env), ...env },
    stdio: 'ignore',
    detached: true,
    windowsHide: true,
  });
  await once(child, 'spawn');
  // What becomes of it later is the probe's to see.
  child.on('error', () => {});
  child.unref();
}
