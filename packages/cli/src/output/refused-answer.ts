import type { Problem } from '../fault.ts';
import type { Answer } from './answer.ts';

interface Words {
  readonly message: string;
  readonly hint?: string;
}

const engine: Pick<Words, 'hint'> = { hint: 'kora daemon show reasoning_engine' };
// The probe of each provider says what it answered, and since when.
const provider: Pick<Words, 'hint'> = { hint: 'kora probe list' };

/** Why there is no whole answer, by its code: what an operator makes of it, and what mends it. */
const words: Readonly<Record<string, Words>> = {
  operational_state_paused: { message: 'Kora is paused', hint: 'kora control' },
  operational_state_stopped: { message: 'Kora is stopped', hint: 'kora control' },
  cost_ladder_halted: { message: 'the money for models is spent', hint: 'kora cost' },
  cost_capped: { message: 'this question may cost no more', hint: 'kora cost' },
  engine_unavailable: { message: 'the engine is not there', ...engine },
  auth: {
    message: 'the provider refuses the key',
    hint: 'kora probe list says which provider, kora plugin config reasoning where its key is said; put the right one there and start again',
  },
  rate_limited: { message: 'the provider has enough of us for now', hint: 'ask again in a while' },
  server_error: { message: 'the provider failed', ...provider },
  timeout: { message: 'it took too long' },
  transport: { message: 'the provider does not answer', ...provider },
  cancelled: { message: 'it was called off' },
  tool_iterations_exceeded: { message: 'it came to no end with its tools' },
  projection_failed: { message: 'the answer could not be read' },
  unconfigured: {
    message: 'nobody thinks here yet, and the phrasebook has no answer to this',
    hint:
      'set KORA_PLUGIN_REASONING_ANTHROPIC_API_KEY or KORA_PLUGIN_REASONING_OPENAI_API_KEY and start again; ' +
      'or name a server of your own in kora.json: plugins.config.reasoning.providers and .models. ' +
      'Where you have, kora plugin config reasoning says what is wrong with it',
  },
};

const unpriced: Words = {
  message: 'nobody has said what this model costs, so it is not asked',
  hint: 'say it in kora.json: price of plugins.config.reasoning.models; { "input": 0, "output": 0 } for a server of your own',
};

const brokenOff: Words = { message: 'the provider broke off in the middle of the answer', ...provider };

/** What is told of an answer that is not whole; undefined for one that is. */
export function problemOfAnswer({ status, error, why, refusal, text }: Answer): Problem | undefined {
  if (status === 'answered') return undefined;
  const code = error ?? status;
  const isHalf = code === 'transport' && text !== '';
  const known = refusal?.scope === 'price' ? unpriced : isHalf ? brokenOff : words[code];
  const { message, hint } = known ?? { message: 'there is no whole answer' };
  const scope = refusal?.scope === undefined ? '' : ` (${refusal.scope})`;
  const because = why ?? (refusal === undefined ? null : `${refusal.cause}${scope}`);
  return {
    type: status,
    code,
    message: because === null || because === '' ? message : `${message}: ${because}`,
    hint,
    exit: exitOf(code),
  };
}

/** `budget` where it was the money, `findings` for every other answer that is not whole. */
export function outcomeOfAnswer({
  status,
  error,
}: Pick<Answer, 'status' | 'error'>): 'ok' | 'budget' | 'findings' {
  if (status === 'answered') return 'ok';
  return error?.startsWith('cost_') === true ? 'budget' : 'findings';
}

function exitOf(code: string): number {
  return code.startsWith('cost_') ? 79 : 1;
}
