import type { Clock } from '../../clock/index.ts';
import type { EngineAnswer } from '../contract.ts';
import type { ReceiptFacts } from '../receipt.ts';
import type { LiveRun } from './live-run.ts';
import type { Leave, Question } from './question.ts';

/** What a receipt says of a question that nobody has thought about. */
export function factsOf({ beganAt, wake, learned }: Question, clock: Clock): ReceiptFacts {
  return {
    durationMs: Math.max(0, Math.round(clock.monotonic() - beganAt)),
    rung: 'unknown',
    wake,
    model: null,
    tier: null,
    routing: null,
    tools: [],
    identityHash: null,
    promptVersion: null,
    phrasebookVersion: null,
    ...(learned === undefined ? {} : { learned }),
  };
}

/** The same of one that an engine was asked; the model that was called last, where the engine does not name one. */
export function factsOfRun(
  question: Question,
  { rung }: Leave,
  {
    run,
    answer,
    clock,
  }: { readonly run: LiveRun; readonly answer: EngineAnswer | undefined; readonly clock: Clock },
): ReceiptFacts {
  const last = [...run.calls.values()].at(-1)?.model;
  const model = answer?.model ?? last ?? null;
  const learned = [...(question.learned ?? []), ...(answer?.learned ?? [])];
  const known = run.engine.spec.models.find(({ name }) => name === model);
  return {
    ...factsOf(question, clock),
    rung,
    model,
    tier: known?.tier ?? answer?.tier ?? null,
    routing: answer?.routing ?? null,
    tools: run.toolsCalled,
    identityHash: run.identityHash,
    promptVersion: answer?.promptVersion ?? null,
    ...(learned.length === 0 ? {} : { learned }),
  };
}
