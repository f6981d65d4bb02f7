import { bootReportSchema } from '@kora/runtime/client';
import type { BootReport, BootStatus, GateReport } from '@kora/runtime/client';
import { findRunning } from '../connect.ts';
import type { Context, Run } from '../context.ts';
import { problemOf } from '../fault.ts';
import type { Outcome } from '../fault.ts';
import type { Console } from '../output/console.ts';
import { plain, tint } from '../output/style.ts';
import { ago, span } from '../output/time.ts';
import { untilInterrupted } from '../patience.ts';

/** Gates are asked once each, and the slowest of them may take half a minute. */
const checkTimeoutMs = 180_000;

export const boot: Run = async (context) => {
  const { client, input, out } = context;
  if (input.on('check-only')) return await check(context);
  const status = await (await client()).boot().catch(bootingIn);
  const { current, history } = status;
  out.result({ ...current, history }, () =>
    input.on('history') ? historyLines(history, out) : bootLines(current, out),
  );
  return outcomeOf(current);
};

/** A runtime that still boots answers nothing but how far it is. */
function bootingIn(error: unknown): BootStatus {
  const details: unknown = error instanceof Error ? Reflect.get(error, 'details') : undefined;
  const sent: unknown =
    typeof details === 'object' && details !== null ? Reflect.get(details, 'boot') : undefined;
  const current = bootReportSchema.safeParse(sent);
  if (!current.success) throw error;
  return { current: current.data, history: [] };
}

/** Through the living runtime; where none runs, through one that is built to look and nothing else. */
async function check(context: Context): Promise<Outcome | number> {
  const { host, out } = context;
  const running = await findRunning(host, await context.home());
  if (running === undefined) return await checkStopped(context);
  const report = await (await context.client(checkTimeoutMs)).checkBoot();
  out.result(report, () => bootLines(report, out));
  return report.exitCode ?? 'ok';
}

async function checkStopped(context: Context): Promise<Outcome | number> {
  const { host, out, globals } = context;
  const [{ module }, postgres, home] = await Promise.all([
    host.runtime.composing(host.cwd),
    host.runtime.postgres(),
    context.home(),
  ]);
  const until = untilInterrupted(context);
  try {
    const report = await module.checkBoot({
      home,
      cwd: host.cwd,
      env: host.env,
      bundled: host.runtime.bundled(),
      openEmbeddedPostgres: postgres.openEmbeddedPostgres,
      onProgress: (line) => out.note(plain(line)),
      signal: until.signal,
      ...(globals.workspace === undefined ? {} : { workspace: globals.workspace }),
    });
    out.result(report, () => bootLines(report, out));
    return report.exitCode ?? 'ok';
  } catch (error) {
    if (until.interrupted()) return 'interrupted';
    // The copy that threw knows its codes; another copy may not.
    const problem = problemOf(error, module.faultTable);
    out.problem(problem);
    return problem.exit;
  } finally {
    until.release();
  }
}

/** A boot that goes on is no finding yet; one that ended says itself what it ended with. */
function outcomeOf({ exitCode, outcome }: BootReport): Outcome | number {
  if (outcome === 'running') return 'temporary';
  return exitCode ?? 'ok';
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
      { title: 'detail', of: detailOf, flexible: true },
    ],
    'no gate has run',
  );
  const slow = report.phases.map(({ phase, ms }) => `${phase} ${span(ms)}`).join(', ');
  const waits = report.waitingFor === null ? [] : [`waiting: ${report.waitingFor}`];
  const degraded = report.degradationReasons.join(', ');
  return [
    head,
    ...gates,
    ...waits,
    ...(degraded === '' ? [] : [`degraded: ${degraded}`]),
    ...fixes(report.gates),
    ...(slow === '' ? [] : [style.dim(`phases: ${slow}`)]),
  ];
}

function detailOf({ detail, trouble }: GateReport): string {
  return trouble === undefined || trouble === detail ? detail : `${detail} (before: ${trouble})`;
}

function historyLines(history: BootStatus['history'], out: Console): readonly string[] {
  const { style } = out;
  return out.table(
    history,
    [
      { title: 'boot', of: ({ bootId }) => `#${bootId}`, right: true },
      { title: 'began', of: ({ startedAt }) => ago(startedAt, out.now) },
      { title: 'outcome', of: ({ outcome }) => outcome, paint: (text) => tint(style, text) },
      { title: 'took', of: ({ elapsedMs }) => span(elapsedMs), right: true },
      { title: 'exit', of: ({ exitCode }) => (exitCode === null ? '' : String(exitCode)), right: true },
      { title: 'tries', of: triesOf },
      { title: 'version', of: ({ version }) => version },
      { title: 'detail', of: pastDetail, flexible: true },
    ],
    'no boot has ended yet',
  );
}

/** Which gates were tried more than once. */
function triesOf({ gates }: BootStatus['history'][number]): string {
  return gates.flatMap(({ gateId, attempts }) => (attempts > 1 ? [`${gateId} ×${attempts}`] : [])).join(', ');
}

function pastDetail({ rerunOf, failedGate, detail }: BootStatus['history'][number]): string {
  const rerun = rerunOf === null ? [] : [`gates of #${rerunOf} again`];
  const gate = failedGate === null ? [] : [failedGate];
  return [...rerun, ...gate, ...(detail === null ? [] : [detail])].join(': ');
}

function fixes(gates: readonly GateReport[]): string[] {
  return gates.flatMap(({ gateId, fix, outcome }) =>
    fix === undefined || outcome === 'pass' ? [] : [`fix ${gateId}: ${fix}`],
  );
}
