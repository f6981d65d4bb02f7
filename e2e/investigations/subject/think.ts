import type { Think } from '../../../packages/plugin-probes/src/diagnose/think.ts';
import { judgeVerdict } from '../../../packages/runtime/src/reason/evidence/judge.ts';
import type { AskedOutside, Said } from './speech.ts';

/** What was put in front of a model in one case. */
export interface Shown {
  readonly ids: string[];
  characters: number;
}

let asked = 0;

/** A model that is somebody else: its claims are held against what it was shown, as the runtime holds them. */
export function thinkOutside(
  id: string,
  shown: Shown,
  ask: (question: AskedOutside) => Promise<Said>,
): Think {
  return async ({ text, quoted = [] }) => {
    asked += 1;
    const ids = quoted.flatMap(({ evidenceId }) => evidenceId ?? []);
    shown.ids.push(...ids);
    shown.characters += text.length + quoted.reduce((sum, piece) => sum + piece.text.length, 0);
    const said = await ask({ kind: 'ask', id, number: asked, text, quoted });
    const verdict = judgeVerdict(said, new Set(ids));
    const answer = { runId: `run-${asked}`, text: said.text, error: null, verdict, receipt, why: null };
    return { answer: { ...answer, status: 'answered' }, code: null };
  };
}

/** Nothing was paid: the model is a script. */
const receipt = {
  calls: 1,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costMicroUsd: 0,
  estimated: false,
  durationMs: 0,
  rung: 'normal',
  wake: 'investigation',
  model: 'script',
  tier: null,
  routing: null,
  tools: [],
  identityHash: null,
  promptVersion: null,
  phrasebookVersion: null,
};
