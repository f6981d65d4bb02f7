import assert from 'node:assert/strict';
import type { PromotionDetail } from '../../packages/runtime/src/http/promotion/house.ts';
import { phraseOf } from '../../packages/runtime/src/reason/phrasebook/phrase.ts';
import type { PromotionHouse } from './house.ts';
import { daysAfter } from './month.ts';
import type { Asked } from './questions.ts';

const hourMs = 3_600_000;
export const trialHours = 24;
export const crane = 'runbook_crane';

/** The loops, and the place of each of which its scenes are. */
export const places = {
  promote_phrasebook: null,
  promote_snapshot_expand: 'learned.yard__berths',
  promote_router_tuning: 'cli',
  promote_tool_trimming: 'cli',
  promote_probe_fix_envelopes: 'pump/restart_pump',
  promote_email_intent: 'learned_berth_request_for_mv',
} as const;
export type LoopName = keyof typeof places;
export const loopNames = Object.keys(places) as readonly LoopName[];

/** As an operator would write it who has a month to look at and a day to wait. */
export const settings: Readonly<Record<string, object>> = Object.fromEntries(
  loopNames.map((name) => [name, { windowDays: 30, trialHours }]),
);

/** One cycle of every loop. */
export async function everyLoopLooks(house: PromotionHouse): Promise<void> {
  for (const loop of loopNames) {
    const { outcome, error } = await house.client.runPromotionLoop(loop, 'a month is over');
    assert.equal(outcome, 'ok', `${loop}: ${error}`);
  }
}

/** The proposals of a loop that wait. */
export async function waiting(house: PromotionHouse, loop: LoopName): Promise<readonly PromotionDetail[]> {
  const rows = await house.client.promotions({ loop, decision: 'pending' });
  return Promise.all(rows.map(({ id }) => house.client.promotion(id)));
}

/** What each loop proposed for its place. */
export async function proposals(house: PromotionHouse): Promise<ReadonlyMap<LoopName, PromotionDetail>> {
  const after = daysAfter(1, Date.now(), 7);
  const found = new Map<LoopName, PromotionDetail>();
  for (const loop of loopNames) {
    const proposal = (await waiting(house, loop)).find(({ change }) =>
      loop === 'promote_phrasebook' ? fittingOf(after, change).length > 0 : change.key === places[loop],
    );
    assert.ok(proposal, `${loop} proposed nothing for its place`);
    found.set(loop, proposal);
  }
  return found;
}

/** Agrees to exactly what was read. */
export async function agreeTo(house: PromotionHouse, proposal: PromotionDetail): Promise<void> {
  const { id, revision, digest } = proposal;
  const now = await house.client.approvePromotion(id, { revision, digest, reason: 'it is as it says' });
  assert.equal(now.application, 'applied');
}

/** The questions about the crane whose words an entry knows, in the order in which they are asked. */
export function fittingOf(
  asked: readonly Asked[],
  { key, value }: PromotionDetail['change'],
): readonly Asked[] {
  const { reply } = value as { readonly reply: string };
  const phrase = phraseOf({ pattern: key, reply });
  return asked.filter(({ question, truth }) => truth.topic === crane && phrase.fits(question.text));
}

/**
 * Hours go by. What was asked within seconds since is put apart over them, as people would have asked it, and the clock of
 * the runtime is moved to their end; then the task has its turn that measures what is on trial.
 */
export async function hoursPass(house: PromotionHouse, sinceMs: number, hours: number): Promise<void> {
  await house.store.database.query(
    `with since as (
       select workspace_id, run_id, ended_at - started_at as took,
         row_number() over (order by started_at) as n, count(*) over () as of
       from kora.reason_run where started_at >= $1::timestamptz and status <> 'open')
     update kora.reason_run r set
       started_at = $1::timestamptz + (s.n * $2::float8 / s.of) * interval '1 hour',
       ended_at = $1::timestamptz + (s.n * $2::float8 / s.of) * interval '1 hour' + s.took
     from since s where r.workspace_id = s.workspace_id and r.run_id = s.run_id`,
    [new Date(sinceMs).toISOString(), hours - 0.1],
  );
  house.clock.moveOn(hours * hourMs);
  const { outcome } = await house.client.runTask('kora.promotion', 'time went by');
  assert.notEqual(outcome, 'failed');
}
