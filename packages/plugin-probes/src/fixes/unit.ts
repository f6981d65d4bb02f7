import { hostname } from 'node:os';
import type { FixEnvelope } from '@kora/runtime/plugin';
import type { SystemdProbe } from '../config.ts';
import { runProgram } from '../probes/run-program.ts';
import type { ProgramEnd } from '../probes/run-program.ts';
import { parseUnit } from '../probes/systemd.ts';
import type { Systemctl } from '../probes/systemd.ts';
import type { UnitFix } from './config.ts';
import { autofix, boundsOf, condition, notDone, word } from './envelope.ts';

const restartable: ReadonlySet<unknown> = new Set(['failed', 'not_running']);

/** Restarts the unit that its probe finds failed or not running. A unit that the manager restarts itself is left to it. */
export function unitFix(fix: UnitFix, probe: SystemdProbe, systemctl?: Systemctl): FixEnvelope {
  const manager = probe.user ? ['--user'] : [];
  const host = hostname();
  return {
    ...boundsOf(fix),
    fixName: 'restart_unit',
    title: 'restarts the unit',
    capability: autofix,
    targets: ({ details }) =>
      details['unit'] === probe.unit && restartable.has(details['failure'])
        ? [{ id: `unit:${probe.unit.replaceAll('\\', '/')}@${host}`, title: `unit ${probe.unit} on ${host}` }]
        : [],
    conditions: ({ before }) => {
      const [load, active, sub] = [before['loadState'], before['activeState'], before['subState']].map(word);
      return [
        condition('unit_loaded', load === 'loaded', `it is ${load ?? 'unknown'}`),
        condition(
          'unit_not_active',
          active === 'failed' || active === 'inactive',
          `it is ${active ?? 'unknown'}`,
        ),
        condition('not_restarting_itself', sub !== 'auto-restart', `it is ${sub ?? 'unknown'}`),
      ];
    },
    observe: async (_target, signal) => {
      const shown = await (systemctl ?? run)([...manager, 'show', '--no-pager', '--', probe.unit], signal);
      if (shown.exitCode !== 0) throw notDone(failure('show', shown));
      return { unit: probe.unit, ...parseUnit(shown.stdout) };
    },
    execute: async (_target, { signal }) => {
      const ended = await (systemctl ?? run)(
        [...manager, 'restart', '--no-ask-password', '--', probe.unit],
        signal,
      );
      if (ended.exitCode !== 0) throw notDone(failure('restart', ended));
    },
  };
}

function failure(verb: string, { exitCode, signal, stderr }: ProgramEnd): string {
  const [line = ''] = stderr.trim().split('\n');
  return `systemctl ${verb} exited with ${exitCode ?? signal ?? 'nothing'}${line === '' ? '' : `: ${line.slice(0, 200)}`}`;
}

function run(args: readonly string[], signal: AbortSignal): Promise<ProgramEnd> {
  return runProgram(['systemctl', ...args], { signal });
}
