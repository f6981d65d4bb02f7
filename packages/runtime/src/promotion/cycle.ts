import { messageOf } from '../fault/index.ts';
import { draft as eventOf } from '../chain/index.ts';
import { seenByLoop } from './answers.ts';
import type { HistoryLook } from './contract.ts';
import { fault } from '../fault/index.ts';
import { loopRan } from './events.ts';
import type { RegisteredLoop } from './loops.ts';
import type { Looks } from './looks.ts';
import type { HistoryWindow, PromotionPorts } from './ports.ts';
import type { Considered, Proposing } from './proposing.ts';
import { addRun } from './run-rows.ts';
import type { LoopRun } from './view.ts';
import { noteMessage } from './words.ts';

const dayMs = 86_400_000;
/** Notes of one cycle that the operator is told; all of them stand in what it came to. */
const mostTold = 10;

type Ports = Pick<PromotionPorts, 'database' | 'workspaceId' | 'clock' | 'stage' | 'tell' | 'scrub'>;
type Counts = { -readonly [Key in keyof Omit<LoopRun, 'loop' | 'at' | 'durationMs'>]: LoopRun[Key] };

/** One cycle: a loop looks at what it is shown, each of its drafts is judged on what it was not, and all of it is told. */
export class Cycle {
  readonly #ports: Ports;
  readonly #looks: Looks;
  readonly #proposing: Proposing;

  constructor(ports: Ports, looks: Looks, proposing: Proposing) {
    this.#ports = ports;
    this.#looks = looks;
    this.#proposing = proposing;
  }

  /** Rejects with what ended the cycle, having told of it; a draft that fails ends none. */
  async run(loop: RegisteredLoop, signal: AbortSignal): Promise<LoopRun> {
    const { clock } = this.#ports;
    const began = clock.now();
    const counts: Counts = {
      outcome: 'ok',
      error: null,
      observed: 0,
      drafts: 0,
      proposed: 0,
      unchanged: 0,
      refused: [],
      notes: [],
    };
    let failure: Error | undefined;
    try {
      await this.#look(loop, began, counts, signal);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(messageOf(error), { cause: error });
      counts.outcome = 'failed';
      counts.error = this.#ports.scrub(messageOf(error)).slice(0, 2_000);
    }
    const { name } = loop.spec;
    const run = { ...counts, loop: name, at: new Date(began), durationMs: clock.now() - began };
    await this.#tell(run);
    if (failure !== undefined) throw failure;
    loop.ran();
    return { ...run, at: run.at.toISOString() };
  }

  async #look(loop: RegisteredLoop, now: number, counts: Counts, signal: AbortSignal): Promise<void> {
    const { spec, plugin } = loop;
    const iso = (at: number): string => new Date(at).toISOString();
    const window = { since: iso(now - spec.settings.windowDays * dayMs), until: iso(now) };
    const at = (part: HistoryWindow['part']): HistoryWindow => ({ ...window, part });
    const seen = await this.#looks.during(
      plugin,
      [at('shown')],
      async ([look]) => seenByLoop.parse(await spec.observe(lookOf(look), signal)),
      signal,
    );
    signal.throwIfAborted();
    counts.observed = seen.observed;
    counts.drafts = seen.drafts.length;
    counts.notes = (seen.notes ?? []).map(({ key, text }) => ({ key, text: this.#ports.scrub(text) }));
    const judge: Considered['judge'] = async (draft) =>
      this.#looks.during(
        plugin,
        [at('held_out')],
        async ([look]) => spec.examine(draft, lookOf(look), signal),
        signal,
      );
    const refused: { readonly title: string; readonly why: string }[] = [];
    const considered = this.#proposing.begin(loop, seen.drafts, judge);
    for (const given of seen.drafts) {
      signal.throwIfAborted();
      const end = await considered(given).catch((error: unknown) => {
        signal.throwIfAborted();
        return { deed: 'refused', title: titleOf(given), why: messageOf(error).slice(0, 1_000) } as const;
      });
      if (end.deed === 'proposed') counts.proposed += 1;
      else if (end.deed === 'unchanged') counts.unchanged += 1;
      else refused.push({ title: end.title, why: this.#ports.scrub(end.why) });
    }
    counts.refused = refused;
  }

  async #tell(run: Omit<LoopRun, 'at'> & { readonly at: Date }): Promise<void> {
    const { database, workspaceId, stage, tell } = this.#ports;
    const { loop, observed, drafts, proposed, unchanged, error } = run;
    await database.transaction(async (tx) => {
      await addRun(tx, workspaceId, run);
      const outcome = run.outcome === 'ok' ? ('ok' as const) : ('failed' as const);
      const counts = { observed, drafts, proposed, unchanged, refused: run.refused.length };
      await stage(tx, [eventOf(loopRan, { loop, outcome, ...counts, duration_ms: run.durationMs, error })]);
      for (const note of run.notes.slice(0, mostTold)) await tell(tx, noteMessage(loop, note));
    });
  }
}

function lookOf(look: HistoryLook | undefined): HistoryLook {
  if (look === undefined) throw fault('KORA_INTERNAL', 'a look was not opened');
  return look;
}

function titleOf(given: unknown): string {
  const title: unknown =
    typeof given === 'object' && given !== null ? Reflect.get(given, 'title') : undefined;
  return typeof title === 'string' ? title.slice(0, 300) : 'a draft without a title';
}
