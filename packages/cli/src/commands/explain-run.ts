import type { KoraClient } from '@kora/runtime/client';
import type { Context } from '../context.ts';
import { receiptLine, verdictLines } from '../output/answer.ts';
import type { Console } from '../output/console.ts';
import { plain } from '../output/style.ts';

type Replay = Awaited<ReturnType<KoraClient['replayRun']>>;

/** Decides a run again from what was recorded of it, with no call to a model; what differs is a finding. */
export async function explainRun({ client, out }: Context, runId: string): Promise<'ok' | 'findings'> {
  const replay = await (await client()).replayRun(runId);
  out.result(replay, () => replayLines(replay, out));
  return replay.differences.length === 0 ? 'ok' : 'findings';
}

function replayLines(
  { runId, steps, choice, verdict, receipt, differences }: Replay,
  out: Console,
): string[] {
  const { style } = out;
  return [
    `${style.strong(`run ${plain(runId)}`)}  ${style.dim('decided again from its record; no model was asked')}`,
    ...steps.map(({ what, words }) => `  ${style.strong(plain(what))}  ${plain(words)}`),
    ...choiceLines(choice),
    ...(verdict === null ? [] : ['', ...verdictLines(verdict, out)]),
    '',
    style.dim(receiptLine(receipt)),
    ...(differences.length === 0
      ? [style.good('it comes to the same')]
      : differences.map((difference) => `${style.bad('differs')}  ${plain(difference)}`)),
  ];
}

function choiceLines(choice: Replay['choice']): string[] {
  if (choice === null) return [];
  const { recorded, now } = choice;
  const was = `${recorded.model ?? 'no model'} (${recorded.routing ?? 'no reason'})`;
  const is = now === null ? 'cannot be asked now' : `now ${now.model ?? 'no model'} (${now.routing})`;
  return ['', plain(`model: ${was}; ${is}`)];
}
