import type { PastQuestion } from '@kora/runtime/plugin';
import { says } from './scalars.ts';
import type { Scalar } from './scalars.ts';

/** What questions that asked a tool would have been spared, had the value been before them. */
export class Needed {
  /** Questions that made the call and have ended. */
  questions = 0;
  /** Of them, those that called nothing else and were answered: the value was what they needed. */
  spared = 0;
  calls = 0;
  iterations = 0;
  microUsd = 0;
  ms = 0;
  /** By path: how many of the spared said the value in their answer. */
  readonly said = new Map<string, number>();
  readonly samples: { readonly text: string; readonly ref: string }[] = [];

  add(question: PastQuestion, scalars: ReadonlyMap<string, Scalar>): void {
    this.questions += 1;
    if (!isOnly(question)) return;
    this.spared += 1;
    this.calls += question.tools.length;
    // One model call answers still; those before it asked for the tool.
    const spared = Math.max(0, question.calls - 1);
    this.iterations += spared;
    if (question.calls > 0) {
      this.microUsd += (question.costMicroUsd / question.calls) * spared;
      this.ms += (question.durationMs / question.calls) * spared;
    }
    for (const [path, value] of scalars)
      if (says(question.answer, value)) this.said.set(path, (this.said.get(path) ?? 0) + 1);
    if (this.samples.length < 20)
      this.samples.push({ text: question.text.slice(0, 200), ref: `run ${question.runId}` });
  }
}

/** Whether a question needed one tool and nothing else. What strangers were part of is never learned from. */
function isOnly({ tools, status, by, untrusted }: PastQuestion): boolean {
  return status === 'answered' && by === 'engine' && !untrusted && new Set(tools).size === 1;
}
