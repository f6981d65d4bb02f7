import { storable } from '../../chain/index.ts';
import type { Clock } from '../../clock/index.ts';
import type { EngineAnswer, EngineRequest, EngineSign } from '../contract.ts';
import type { LiveRun } from './live-run.ts';
import { engineAnswerShape } from './outcome.ts';

/** What an engine still may do with a run that is to end: to say what it has. */
const graceMs = 2_000;

export interface Thought {
  readonly answer: EngineAnswer | undefined;
  readonly isUnreadable: boolean;
  /** In words, where its engine threw although nobody had told it to end. */
  readonly threw?: string;
}

export interface ThinkOptions {
  readonly clock: Clock;
  readonly onError: (where: string, error: unknown) => void;
  /** Takes secrets that this process knows out of a text. */
  readonly scrub: (text: string) => string;
  /** Hears what the engine tells meanwhile. */
  readonly sign: (sign: EngineSign) => void;
}

/**
 * Has the run's engine think, until it answers, the run's time is over or something ends the run; an engine that does not
 * heed the end is not waited for.
 */
export async function think(
  run: LiveRun,
  request: EngineRequest,
  { clock, onError, scrub, sign }: ThinkOptions,
): Promise<Thought> {
  const { engine, limits } = run;
  const done = new AbortController();
  const gone = (): void =>
    run.stop({ error: 'engine_unavailable', why: `engine ${engine.spec.name} went away` });
  if (engine.signal.aborted) gone();
  engine.signal.addEventListener('abort', gone, { once: true });
  void clock.sleep(limits.deadlineMs, done.signal).then((isLate) => {
    if (isLate) run.stop({ error: 'timeout', why: `it took longer than ${limits.deadlineMs} ms` });
  });
  const hear = (told: EngineSign): void => {
    if (done.signal.aborted) return;
    if (told.kind === 'text') run.hear(told.delta);
    sign(told);
  };
  try {
    const said = await Promise.race([
      Promise.resolve()
        .then(() => engine.spec.respond(request, run.signal, hear))
        .then((answer) => ({ answer })),
      graceAfter(run.signal, clock, done.signal),
    ]);
    if (said === undefined) return { answer: undefined, isUnreadable: false };
    // A model's words go into rows and to people, all of them: also what it claims, and whatever its engine calls anything.
    const read = engineAnswerShape.safeParse(storable(said.answer, scrub));
    if (!read.success) onError(`engine ${engine.spec.name}`, read.error);
    return { answer: read.data, isUnreadable: !read.success };
  } catch (error) {
    // Whoever was told to end may well say so by throwing.
    if (run.signal.aborted) return { answer: undefined, isUnreadable: false };
    onError(`engine ${engine.spec.name}`, error);
    return {
      answer: undefined,
      isUnreadable: false,
      threw: `engine ${engine.spec.name} threw ${kindOf(error)}`,
    };
  } finally {
    done.abort();
    engine.signal.removeEventListener('abort', gone);
  }
}

/** `TypeError`: the kind alone, since a message may hold anything. */
function kindOf(error: unknown): string {
  const name = error instanceof Error ? error.name : typeof error;
  return /^[A-Za-z0-9_$]{1,80}$/.test(name) ? name : 'Error';
}

/** Resolves a while after the run was ended; not at all before. */
async function graceAfter(ended: AbortSignal, clock: Clock, done: AbortSignal): Promise<undefined> {
  await new Promise<void>((resolve) => {
    if (ended.aborted) return resolve();
    ended.addEventListener('abort', () => resolve(), { once: true });
    done.addEventListener('abort', () => resolve(), { once: true });
  });
  await clock.sleep(graceMs, done);
  return undefined;
}
