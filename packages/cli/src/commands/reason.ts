import type { KoraClient } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import { answerLines, receiptLine, usd } from '../output/answer.ts';
import { counted } from '../output/count.ts';
import { usage } from '../fault.ts';
import type { Console } from '../output/console.ts';
import { plain, plainLines, tint } from '../output/style.ts';
import { ago, clock, span } from '../output/time.ts';
import { createPatience, untilInterrupted } from '../patience.ts';
import type { Patience } from '../patience.ts';

type RunRow = Awaited<ReturnType<KoraClient['runs']>>[number];
type RunDetail = Awaited<ReturnType<KoraClient['run']>>;
type Call = RunDetail['modelCalls'][number];

export const statuses = ['open', 'answered', 'incomplete', 'refused', 'failed'] as const;

export const list: Run = async ({ client, input, out }) => {
  const ticketId = input.whole('ticket', 1);
  const status = input.choice('status', statuses);
  const rows = await (await client()).runs({
    limit: input.whole('limit', 1) ?? 20,
    ...(ticketId === undefined ? {} : { ticketId }),
    ...(status === undefined ? {} : { status }),
  });
  out.result(rows, () => runTable(rows, out));
  return 'ok';
};

export const show: Run = async ({ client, input, out }) => {
  const run = await (await client()).run(runIdIn(input.argument('run')));
  out.result(run, () => runLines(run, out));
  return 'ok';
};

export const cancel: Run = async ({ client, input, out }) => {
  const runId = runIdIn(input.argument('run'));
  const done = await (await client()).cancelRun(runId, input.needed('reason'));
  out.result(done, () => [
    done.cancelled
      ? `run ${plain(runId)} is being called off`
      : `run ${plain(runId)} does not go on in this runtime`,
  ]);
  return done.cancelled ? 'ok' : 'findings';
};

export const live: Run = async (context) => {
  const until = untilInterrupted(context);
  const patience = createPatience(context);
  try {
    while (!until.signal.aborted) {
      const broke = await listen(context, until.signal, patience).catch((error: unknown) => error);
      await patience.broken(broke, until.signal);
    }
  } finally {
    until.release();
  }
  return until.interrupted() ? 'interrupted' : 'ok';
};

/** Until the runtime ends the connection, or the signal aborts. */
async function listen(context: Context, signal: AbortSignal, patience: Patience): Promise<void> {
  const api = await context.client();
  let before = '';
  for await (const sign of api.liveRuns({}, signal)) {
    patience.answered();
    if (sign === undefined) continue;
    // The engine tells of a call, and so does the runtime: a person reads it once.
    const same = JSON.stringify(sign);
    if (same !== before || context.out.json) context.out.item(sign, () => signLines(sign, context));
    before = same;
  }
}

/** `run:ID` is how other commands name one. */
export function runIdIn(typed: string): string {
  const runId = typed.trim().replace(/^run:/, '');
  if (runId === '') throw usage('which run? None is named', 'kora reason list');
  return runId;
}

type Sign = Extract<
  KoraClient['liveRuns'] extends (...given: never[]) => AsyncGenerator<infer Each, void> ? Each : never,
  object
>;

/** Words of an answer are for whoever asked; here is what goes on. */
function signLines(sign: Sign, { host, out: { style } }: Context): readonly string[] {
  const head = `${style.dim(clock(host.now()))} ${plain(sign.runId)}  ${plain(sign.route)}`;
  if (sign.kind === 'text') return [];
  if (sign.kind === 'ended')
    return [`${head}  ended ${tint(style, plain(sign.what))}  ${usd(sign.costMicroUsd)}`];
  return [`${head}  ${sign.kind.replace('_', ' ')} ${plain(sign.what)}`];
}

function runTable(rows: readonly RunRow[], out: Console): readonly string[] {
  return out.table(
    rows,
    [
      { title: 'run', of: (row) => row.runId },
      { title: 'began', of: (row) => ago(row.startedAt, out.now) },
      { title: 'status', of: (row) => row.status, paint: (text) => tint(out.style, text) },
      { title: 'route', of: (row) => row.route },
      { title: 'model', of: (row) => row.receipt.model ?? row.by, flexible: true },
      { title: 'cost', of: (row) => usd(row.receipt.costMicroUsd), right: true },
      { title: 'question', of: (row) => row.question, flexible: true },
    ],
    'nothing has been asked yet',
  );
}

function runLines(run: RunDetail, out: Console): readonly string[] {
  const { style, now } = out;
  const { error, why, ticketId, conversationId, refusal } = run;
  const state = error === null ? run.status : `${run.status} (${error})`;
  const because = why ?? refusal?.cause ?? null;
  return [
    `${style.strong(`run ${plain(run.runId)}`)}  ${tint(style, run.status)}`,
    ...out.facts([
      ['status', plain(because === null ? state : `${state}: ${because}`)],
      ['asked', `${ago(run.startedAt, now)} by ${plain(run.asker)} on ${plain(run.route)}`],
      ['answered by', answererOf(run)],
      ...(ticketId === null ? [] : [['ticket', String(ticketId)] as const]),
      ...(conversationId === null ? [] : [['conversation', String(conversationId)] as const]),
      ['receipt', receiptLine(run.receipt)],
      ...(run.advertised === null || run.advertised === undefined
        ? []
        : [['offered', counted(run.advertised.length, 'tool')] as const]),
      ...(run.forgottenAt === null
        ? []
        : [['forgotten', `${ago(run.forgottenAt, now)}: only the receipt is kept`] as const]),
    ]),
    '',
    ...plainLines(run.question).map((line) => style.strong(line)),
    ...answerLines(run, out),
    ...callLines(run, out),
    ...toolLines(run, out),
  ];
}

function answererOf({ by, engine: name }: RunDetail): string {
  if (name === null) return by;
  return by === 'engine' ? `engine ${plain(name)}` : `${by}; engine ${plain(name)} was asked`;
}

function callLines({ modelCalls }: RunDetail, out: Console): readonly string[] {
  if (modelCalls.length === 0) return [];
  const tokens = ({ usage }: Call): string =>
    usage === null ? 'nobody said' : `${usage.inputTokens} in, ${usage.outputTokens} out`;
  return [
    '',
    ...out.table(
      modelCalls,
      [
        { title: 'call', of: (call) => call.callId },
        { title: 'model', of: (call) => call.model, flexible: true },
        { title: 'outcome', of: (call) => call.outcome ?? 'unknown', paint: (text) => tint(out.style, text) },
        { title: 'tokens', of: tokens },
        { title: 'cost', of: costOf, right: true },
        { title: 'first token', of: (call) => span(call.firstTokenMs) },
      ],
      '',
    ),
  ];
}

function costOf({ costMicroUsd, reservedMicroUsd, estimated }: Call): string {
  if (costMicroUsd === null) return `${usd(reservedMicroUsd)} reserved`;
  return `${usd(costMicroUsd)}${estimated === true ? ' estimated' : ''}`;
}

function toolLines({ toolCalls, evidence }: RunDetail, out: Console): readonly string[] {
  const read = evidence.map(({ id, what }) => `  ${plain(id)}  ${out.style.dim(plain(what))}`);
  const called =
    toolCalls.length === 0
      ? []
      : out.table(
          toolCalls,
          [
            { title: 'tool', of: (call) => call.tool },
            { title: 'status', of: (call) => call.status, paint: (text) => tint(out.style, text) },
            { title: 'took', of: (call) => span(call.durationMs) },
            { title: 'input', of: (call) => JSON.stringify(call.input) ?? '', flexible: true },
          ],
          '',
        );
  return [
    ...(called.length === 0 ? [] : ['', ...called]),
    ...(read.length === 0 ? [] : ['', out.style.dim('what was read'), ...read]),
  ];
}
