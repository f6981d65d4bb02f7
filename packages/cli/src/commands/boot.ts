import type { BootReport, GateReport } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import type { Outcome } from '../fault.ts';
import type { Console } from '../output/console.ts';
import { tint } from '../output/style.ts';
import { ago, span } from '../output/time.ts';

/** A gate may wait for its retries: a check takes as long as a boot may. */
const checkTimeoutMs = 120_000;

export const boot: Run = async ({ client, input, out }) => {
  if (input.on('check-only')) {
    const report = await (await client(checkTimeoutMs)).checkBoot();
    out.result(report, () => bootLines(report, out));
    return outcomeOf(report);
  }
  const { current, history } = await (await client()).boot();
  out.result({ ...current, history }, () => bootLines(current, out));
  return outcomeOf(current);
};

/** An invariant gate's no is a finding; a transient gate that was not there may be there next time. */
function outcomeOf({ outcome, gates }: BootReport): Outcome {
  if (outcome !== 'failed') return 'ok';
  const no = gates.filter((gate) => gate.outcome === 'fail' || gate.outcome === 'unavailable');
  return no.length > 0 && no.every((gate) => gate.gateClass === 'transient') ? 'temporary' : 'findings';
}

function bootLines(report: BootReport, out: Console): readonly string[] {
  const { style } = out;
  const number = report.bootId === null ? '' : ` #${report.bootId}`;
  const head = `boot${number} ${style.strong(tint(style, report.outcome))}  ${span(report.elapsedMs)}  ${ago(report.startedAt, out.now)}`;
  const gates = out.table(
    report.gates,
    [
      { title: 'gate', of: (gate) => gate.gateId },
      { title: 'class', of: (gate) => gate.gateClass },
      { title: 'outcome', of: (gate) => gate.outcome, paint: (text) => tint(style, text) },
      { title: 'tries', of: (gate) => String(gate.attempts), right: true },
      { title: 'took', of: (gate) => span(gate.elapsedMs), right: true },
      { title: 'detail', of: (gate) => gate.detail, flexible: true },
    ],
    'no gate has run',
  );
  const slow = report.phases.map(({ phase, ms }) => `${phase} ${span(ms)}`).join(', ');
  return [head, ...gates, ...fixes(report.gates), ...(slow === '' ? [] : [style.dim(`phases: ${slow}`)])];
}

function fixes(gates: readonly GateReport[]): string[] {
  return gates.flatMap(({ gateId, fix, outcome }) =>
    fix === undefined || outcome === 'pass' ? [] : [`fix ${gateId}: ${fix}`],
  );
}
