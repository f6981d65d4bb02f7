import { messageOf } from '@kora/runtime/plugin';
import type {
  EngineAnswer,
  EngineContext,
  EngineRequest,
  EngineSign,
  EventDraft,
  ModelChoice,
  PluginLog,
} from '@kora/runtime/plugin';
import type { Router } from '../contract.ts';
import type { Settings } from '../engine/settings.ts';
import { PROMPT_VERSION } from '../prompt/templates.ts';
import type { Seam } from '../provider/seam.ts';
import { escalatedDraft, overrideDraft } from '../router/index.ts';
import { Thought } from './thought.ts';
import { Until } from './until.ts';

/** What thinking needs. */
export interface Thinking {
  readonly settings: Settings;
  readonly seam: Seam;
  readonly router: Router;
  readonly callTool: EngineContext['callTool'];
  readonly append: (draft: EventDraft) => Promise<void>;
  readonly log: Pick<PluginLog, 'warn'>;
}

/** Answers one question. Never throws: whatever goes wrong is said in the answer. */
export async function respond(
  thinking: Thinking,
  request: EngineRequest,
  signal: AbortSignal,
  sign: (sign: EngineSign) => void,
): Promise<EngineAnswer> {
  const answer = await answered(thinking, request, signal, sign);
  const { learned = [] } = thinking.router;
  return learned.length === 0 ? answer : { ...answer, learned };
}

async function answered(
  thinking: Thinking,
  request: EngineRequest,
  signal: AbortSignal,
  sign: (sign: EngineSign) => void,
): Promise<EngineAnswer> {
  const routing = thinking.router.choose(request);
  if (routing.model === null) {
    const error = routing.reason === 'no_model' ? 'unconfigured' : 'cost_ladder_halted';
    return { status: 'failed', text: '', error, routing: routing.reason, promptVersion: PROMPT_VERSION };
  }
  const until = new Until(thinking.seam.host.clock, signal, request.limits.deadlineMs);
  const thought = new Thought(thinking, { request, routing, until, sign });
  try {
    await record(thinking, overrideDraft(request, routing));
    const answer = await thought.answer();
    if (thought.escalated !== null) await record(thinking, escalatedDraft(request, thought.escalated));
    return answer;
  } catch (error) {
    const stopped = until.stopped();
    if (stopped === null) thinking.log.warn(`run ${request.runId} broke off`, { error: messageOf(error) });
    return thought.givenUp(stopped ?? 'engine_unavailable');
  } finally {
    await until.end();
  }
}

/** With which model it would begin, at no cost. */
export function decide({ router }: Pick<Thinking, 'router'>, request: EngineRequest): ModelChoice {
  const { model, reason } = router.choose(request);
  const { learned = [] } = router;
  return {
    model: model?.name ?? null,
    tier: model?.tier ?? null,
    routing: reason,
    ...(learned.length === 0 ? {} : { learned }),
  };
}

/** An event that cannot be kept does not take the answer with it. */
async function record({ append, log }: Thinking, draft: EventDraft | null): Promise<void> {
  if (draft === null) return;
  try {
    await append(draft);
  } catch (error) {
    log.warn(`${draft.type} was not recorded`, { error: messageOf(error) });
  }
}
