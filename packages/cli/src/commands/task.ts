import type { KoraClient, OccurrenceRow, TaskDetail, TaskRow } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import type { Console } from '../output/console.ts';
import { plain, tint } from '../output/style.ts';
import { ago, span, unknown } from '../output/time.ts';
import { pick } from '../pick.ts';

/** A task may take its whole deadline, a minute by default. */
const runTimeoutMs = 10 * 60_000;

export const list: Run = async ({ client, out }) => {
  const rows = await (await client()).tasks();
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'name', of: (row) => row.name, flexible: true },
        { title: 'cadence', of: (row) => row.cadence },
        { title: 'last', of: (row) => lastRun(row, out.now) },
        { title: 'outcome', of: (row) => row.lastOutcome ?? '-', paint: (text) => tint(out.style, text) },
        {
          title: 'took',
          of: (row) => (row.lastOutcome === null ? '-' : span(row.lastDurationMs)),
          right: true,
        },
        { title: 'next', of: (row) => nextRun(row, out.now) },
        { title: 'runs', of: (row) => String(row.runs), right: true },
        { title: 'failed', of: (row) => String(row.failures), right: true },
      ],
      'no tasks',
    ),
  );
  return 'ok';
};

export const show: Run = async (context) => {
  const { out } = context;
  const api = await context.client();
  const row = await api.task((await taskOf(api, context)).name);
  out.result(row, () => taskLines(row, out));
  return 'ok';
};

export const run: Run = async (context) => {
  const { input, out } = context;
  const api = await context.client(runTimeoutMs);
  const { name } = await taskOf(api, context);
  const done = await api.runTask(name, input.text('reason') ?? 'run from the command line');
  out.result(done, () => [`${name}  ${tint(out.style, done.outcome)}  ${took(done)}${because(done)}`]);
  return ranWell(done) ? 'ok' : 'findings';
};

export const history: Run = async (context) => {
  const { input, out } = context;
  const api = await context.client();
  const { name } = await taskOf(api, context);
  const rows = await api.taskHistory(name, input.whole('limit', 1) ?? 20);
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'due', of: (row) => ago(row.scheduledAt, out.now) },
        { title: 'started', of: (row) => ago(row.startedAt, out.now) },
        { title: 'outcome', of: (row) => row.outcome, paint: (text) => tint(out.style, text) },
        { title: 'took', of: took, right: true },
        { title: 'try', of: (row) => String(row.attempt), right: true },
        { title: 'error', of: (row) => row.error ?? '', flexible: true },
      ],
      `${name} has not run`,
    ),
  );
  return 'ok';
};

/** One task, with who said when it runs. */
export function taskLines(row: TaskDetail, out: Console): readonly string[] {
  const { cadenceOrder: order } = row;
  const said =
    order === null
      ? 'as its plugin declares'
      : `set by ${plain(order.by)} ${ago(order.at, out.now)}: ${plain(order.reason)}; declared is ${row.declaredCadence}`;
  return [
    `${out.style.strong(plain(row.name))}  ${tint(out.style, row.running ? 'running' : (row.lastOutcome ?? 'never'))}`,
    ...out.facts([
      ['plugin', plain(row.pluginName)],
      ['daemon', row.daemon === null ? 'none' : plain(row.daemon)],
      ['cadence', `${row.cadence}, ${said}`],
      ['purpose', row.purpose === 'act' ? 'acts: stops with every hold' : 'observes: goes on while paused'],
      [
        'runs on',
        row.scope === 'fleet' ? 'one runtime of the workspace at a time' : 'each runtime by itself',
      ],
      ['last', lastRun(row, out.now)],
      ['took', row.lastOutcome === null ? '-' : span(row.lastDurationMs)],
      ['next', nextRun(row, out.now)],
      ['runs', `${row.runs}, ${row.failures} failed`],
      ...(row.lastError === null ? [] : [['error', plain(row.lastError)] as const]),
    ]),
  ];
}

export async function taskOf(api: KoraClient, { input }: Context): Promise<TaskRow> {
  return pick(await api.tasks(), input.argument('name'), {
    noun: 'task',
    code: 'KORA_TASK_UNKNOWN',
    list: 'kora task list',
    names: (row) => [row.name],
  });
}

function lastRun(row: TaskRow, now: number): string {
  if (row.running) return 'running';
  return row.runs === 0 && row.lastRunAt === null ? 'never' : ago(row.lastRunAt, now);
}

function nextRun(row: TaskRow, now: number): string {
  return row.nextDueAt === null ? '-' : `${ago(row.nextDueAt, now)}${row.late ? ' (late)' : ''}`;
}

function ranWell(row: OccurrenceRow): boolean {
  return row.error === null && ['ok', 'noop'].includes(row.outcome);
}

function took(row: OccurrenceRow): string {
  return row.finishedAt === null ? unknown : span(Date.parse(row.finishedAt) - Date.parse(row.startedAt));
}

function because(row: OccurrenceRow): string {
  return row.error === null ? '' : `: ${plain(row.error)}`;
}
