import { withDeadline } from '../clock/index.ts';
import { messageOf } from '../fault/index.ts';
import { measure as measureOf } from './answers.ts';
import type { HistoryLook, Measure } from './contract.ts';
import type { Deeds } from './deeds.ts';
import type { Kinds } from './kinds.ts';
import type { Loops, RegisteredLoop } from './loops.ts';
import type { Looks } from './looks.ts';
import type { HistoryWindow, PromotionPorts } from './ports.ts';
import { dueProposals, noteMeasure } from './rows.ts';
import type { ProposalRow } from './rows.ts';
import { isLookDue, trialStep } from './trial.ts';
import type { TrialTimes } from './trial.ts';

const dayMs = 86_400_000;
/** One that takes longer is left unclear, so that the trials of the others are looked at in the same hour. */
const measureMs = 300_000;
const nothing = { microUsdPerDay: 0, secondsPerDay: 0 };

type Ports = Pick<PromotionPorts, 'database' | 'workspaceId' | 'clock' | 'scrub' | 'onError'>;

/**
 * Goes on with what nobody has to be asked about: applies what was approved before this process died, ends what was not
 * decided in its time, and measures what is on trial. What fails at one proposal keeps nothing from the others.
 */
export class Sweep {
  readonly #ports: Ports;
  readonly #loops: Loops;
  readonly #looks: Looks;
  readonly #deeds: Deeds;
  readonly #kinds: Kinds;

  constructor(
    ports: Ports,
    parts: { readonly loops: Loops; readonly looks: Looks; readonly deeds: Deeds; readonly kinds: Kinds },
  ) {
    this.#ports = ports;
    this.#loops = parts.loops;
    this.#looks = parts.looks;
    this.#deeds = parts.deeds;
    this.#kinds = parts.kinds;
  }

  /** Answers how many proposals it went on with. Rejects with the signal's reason, and with what the store throws. */
  async run(signal: AbortSignal): Promise<number> {
    const { database, workspaceId, clock, onError } = this.#ports;
    const due = await dueProposals(database, workspaceId, new Date(clock.now()));
    let moved = 0;
    // What takes no time goes first: a loop that is slow to measure keeps nobody's word waiting.
    for (const row of due.toSorted((a, b) => Number(isOnTrial(a)) - Number(isOnTrial(b)))) {
      signal.throwIfAborted();
      try {
        if (await this.#goOn(row, signal)) moved += 1;
      } catch (error) {
        signal.throwIfAborted();
        onError(`proposal ${row.id}`, error);
      }
    }
    return moved;
  }

  async #goOn(row: ProposalRow, signal: AbortSignal): Promise<boolean> {
    if (row.decision === 'pending') await this.#deeds.expire(row);
    else if (row.application === 'not_started') await this.#deeds.apply(row.id);
    else return this.#measure(row, signal);
    return true;
  }

  async #measure(row: ProposalRow, signal: AbortSignal): Promise<boolean> {
    const { database, workspaceId, clock } = this.#ports;
    const times = timesOf(row);
    if (times === undefined || !isLookDue(times, row.measuredAt?.getTime() ?? null, clock.now()))
      return false;
    const loop = this.#loops.find(row.loop);
    const aside = this.#kinds.misfit(row.content.draft.change);
    const shown =
      aside !== null
        ? unclear(`it is not acted by: ${aside}`)
        : loop === undefined
          ? unclear(`loop ${row.loop} is not here to measure it`)
          : await this.#shown(loop, row, times.appliedAt, signal);
    const now = clock.now();
    const step = trialStep(shown.verdict, times, now);
    if (step.deed === 'roll_back') {
      await this.#deeds.regress(row, shown);
    } else if (step.deed === 'keep') await this.#deeds.keep(row, shown);
    else if (step.deed === 'extend') await this.#deeds.extend(row, shown, step.until);
    else await noteMeasure(database, workspaceId, row, { measure: shown, at: new Date(now) });
    return true;
  }

  /** What the loop says its change has done; a loop that cannot say leaves it unclear. */
  async #shown(
    { spec, plugin }: RegisteredLoop,
    row: ProposalRow,
    appliedAt: number,
    signal: AbortSignal,
  ): Promise<Measure> {
    const { clock, scrub, onError } = this.#ports;
    const iso = (at: number): string => new Date(at).toISOString();
    const at = (since: number, until: number): HistoryWindow => ({
      since: iso(since),
      until: iso(until),
      part: 'all',
    });
    const windows = [at(appliedAt - spec.settings.windowDays * dayMs, appliedAt), at(appliedAt, clock.now())];
    try {
      const deadline = { ms: measureMs, what: `measuring proposal ${row.id}`, signal };
      const shown = await withDeadline(clock, deadline, (limit) =>
        this.#looks.during(
          plugin,
          windows,
          async (looks) => {
            const [before, since] = looks as readonly [HistoryLook, HistoryLook];
            return measureOf.parse(await spec.measure(row.content.draft.change, { before, since }, limit));
          },
          limit,
        ),
      );
      return { ...shown, why: scrub(shown.why) };
    } catch (error) {
      signal.throwIfAborted();
      onError(`loop ${spec.name} measures proposal ${row.id}`, error);
      return unclear(`the loop could not measure it: ${scrub(messageOf(error)).slice(0, 500)}`);
    }
  }
}

function isOnTrial({ application }: ProposalRow): boolean {
  return application === 'applied';
}

function timesOf({ appliedAt, trialUntil, trialHours }: ProposalRow): TrialTimes | undefined {
  if (appliedAt === null || trialUntil === null) return undefined;
  return { appliedAt: appliedAt.getTime(), trialUntil: trialUntil.getTime(), trialHours };
}

function unclear(why: string): Measure {
  return { verdict: 'unclear', why, figures: [], gain: nothing };
}
