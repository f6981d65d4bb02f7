import { randomUUID } from 'node:crypto';
import type { KoraClient } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import { usage } from '../fault.ts';
import { answerLines, receiptLine } from '../output/answer.ts';
import type { Answer } from '../output/answer.ts';
import { outcomeOfAnswer, problemOfAnswer } from '../output/refused-answer.ts';
import { plain } from '../output/style.ts';
import { untilInterrupted } from '../patience.ts';
import { AnswerStream } from './answer-stream.ts';

type Question = Parameters<KoraClient['ask']>[0];

export const ask: Run = async (context) => {
  const { out } = context;
  const api = await context.client();
  const question = questionOf(context);
  const until = untilInterrupted(context);
  // What comes is shown to a person as it comes; a program is given the whole.
  const stream = new AnswerStream(context, out.width !== undefined && !out.json);
  try {
    const answer = await answered(api, question, stream, until.signal);
    if (answer === undefined) return 'interrupted';
    stream.end(answer.text);
    tell(answer, context, stream);
    tellOfModel(answer, context);
    return until.interrupted() ? 'interrupted' : outcomeOfAnswer(answer);
  } finally {
    until.release();
  }
};

function questionOf({ input }: Context): Question & { readonly key: string } {
  const text = input.argument('text').trim();
  if (text === '') throw usage('there is nothing to ask', "kora ask 'what is the state of the shop?'");
  const model = input.text('model');
  const thread = input.text('conversation');
  return {
    // By it this very question is known among those that others ask meanwhile.
    key: randomUUID(),
    text: model === undefined ? text : `/model ${model} ${text}`,
    ...(thread === undefined ? {} : { conversation: { channel: 'cli', thread } }),
    ...(input.on('verdict') ? { verdict: true } : {}),
  };
}

/**
 * Given up, it is called off over there, and its answer says what it had cost by then; undefined where it could not be: with
 * the connection it is given up too.
 */
async function answered(
  api: KoraClient,
  question: Question & { readonly key: string },
  stream: AnswerStream,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  const over = new AbortController();
  const left = Promise.withResolvers<undefined>();
  const listening = stream.listen(api, question.key, over.signal);
  await stream.ready;
  const callOff = async (): Promise<void> => {
    const runId = await stream.begun;
    if (runId === undefined) left.resolve(undefined);
    else await api.cancelRun(runId, 'given up at the terminal').catch(() => left.resolve(undefined));
  };
  const onAbort = (): void => void callOff();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const asking = api.ask(question);
    asking.catch(() => undefined); // heard below, unless it was left
    const answer = await Promise.race([asking, left.promise]);
    await stream.lastWord();
    return answer;
  } finally {
    signal.removeEventListener('abort', onAbort);
    over.abort();
    await listening;
  }
}

function tell(answer: Answer, { out }: Context, stream: AnswerStream): void {
  const shown = stream.isShown(answer.text) ? { ...answer, text: '' } : answer;
  out.result(answer, () => answerLines(shown, out));
  if (out.json) return;
  const problem = problemOfAnswer(answer);
  if (problem !== undefined) out.problem(problem);
  out.note(out.aside.dim(`${receiptLine(answer.receipt)} · run ${answer.runId}`));
}

/** Whoever named a model is not left to find out from a reason code that another one answered. */
function tellOfModel({ receipt }: Answer, { input, out }: Context): void {
  const named = input.text('model');
  if (named === undefined || out.json || receipt.routing !== 'override_unknown') return;
  const by = receipt.model === null ? '' : `, so ${receipt.model} was asked`;
  out.note(out.aside.warn(plain(`no model is called ${named}${by}: kora cost prices names those there are`)));
}
