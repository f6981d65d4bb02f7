import { law } from './look.ts';
import type { Seen, SeenTicket } from './look.ts';
import { isOf } from './world.ts';
import type { Grant, World } from './world.ts';

const ends = new Set(['completed', 'failed_terminal', 'cancelled']);
const claimed = 'sea_ticket.claimed_for_edit';
/** The one event that tells an outcome. */
const toldAs: Readonly<Record<string, string>> = {
  completed: 'kora.sea_ticket.resolved',
  failed_retryable: 'kora.sea_ticket.resolved',
  released: 'sea_ticket.claim_released',
  expired: 'sea_ticket.claim_expired',
};

/** What is true of the store at any time, given what was granted and accepted so far. */
export function judge({ grants }: Pick<World, 'grants'>, seen: Seen): void {
  for (const ticket of seen.tickets) {
    const of = grants.filter(({ claim }) => claim.ticketId === ticket.ticketId);
    judgePlace(ticket, of);
    judgeOutcomes(ticket, of);
    judgeEvents(ticket, of);
  }
}

/** What one step may have moved. */
export interface Deed {
  /** Tickets whose holder's word was accepted. */
  readonly ended?: readonly number[];
  readonly reaps?: boolean;
  readonly cancelled?: number;
  readonly reopened?: number;
}

/** A lease ends by its holder's word, by the operator's, or by the reaper once it is void; what has ended stays so. */
export function judgeMove(before: Seen, after: Seen, { ended = [], ...deed }: Deed): void {
  for (const { ticketId, places } of after.tickets) {
    const [was] = before.tickets.find((ticket) => ticket.ticketId === ticketId)?.places ?? [];
    const [is] = places;
    law(
      was !== undefined || is === undefined || deed.reopened === ticketId,
      `ticket ${ticketId} had ended and is open again`,
    );
    if (was?.at !== 'lease' || (is?.at === 'lease' && is.fence === was.fence)) continue;
    const isVoid = was.due || was.session === null || !before.living.has(was.session);
    law(
      ended.includes(ticketId) || deed.cancelled === ticketId || (deed.reaps === true && isVoid),
      `ticket ${ticketId} was taken from its holder under fence ${was.fence}`,
    );
  }
}

/** One row while it is open, none when it has ended, and its fence is no lower than any that was given. */
function judgePlace({ ticketId, places, outcomes }: SeenTicket, grants: readonly Grant[]): void {
  const [place, ...more] = places;
  law(more.length === 0, `ticket ${ticketId} lies in ${places.map(({ at }) => at).join(' and ')}`);
  const last = outcomes.at(-1);
  const top = Math.max(0, ...grants.map(({ claim }) => claim.fence));
  if (place === undefined) {
    law(last !== undefined && ends.has(last.resolution), `ticket ${ticketId} is lost`);
    return;
  }
  law(place.fence >= top, `ticket ${ticketId}: fence ${place.fence} after ${top} was given`);
  law(
    place.attempts >= 0 && place.attempts <= grants.length,
    `ticket ${ticketId}: ${place.attempts} attempts of ${grants.length} claims`,
  );
  const holder = grants.find(isOf({ ticketId, fence: place.fence }));
  law(
    place.at !== 'lease' || holder?.sessionId === place.session,
    `ticket ${ticketId}: a lease under fence ${place.fence} that nobody was given`,
  );
}

/** Each claim is held or has ended once, as its holder said where a word of the holder's was accepted. */
function judgeOutcomes({ ticketId, places, outcomes, events }: SeenTicket, grants: readonly Grant[]): void {
  for (const { claim, sessionId, accepted } of grants) {
    const { fence } = claim;
    const what = `ticket ${ticketId} under fence ${fence}`;
    const held = places.some((place) => place.at === 'lease' && place.fence === fence);
    const ended = outcomes.filter((outcome) => outcome.fence === fence);
    const cancelled = outcomes.some(
      (outcome) => outcome.fence === fence + 1 && outcome.resolution === 'cancelled',
    );
    law(held || ended.length === 1 || cancelled, `${what} is neither held nor ended`);
    law(!held || (ended.length === 0 && !cancelled), `${what} is held and has ended`);
    const [outcome] = ended;
    if (accepted === undefined) {
      law(
        outcome === undefined || outcome.resolution === 'expired',
        `${what} ended as ${outcome?.resolution}, which its holder never said`,
      );
    } else {
      law(
        outcome?.resolution === accepted && outcome.session === sessionId,
        `${what}: "${accepted}" was accepted and is not kept`,
      );
    }
  }
  for (const { fence, resolution } of outcomes) {
    law(
      resolution === 'cancelled' || grants.some(isOf({ ticketId, fence })),
      `ticket ${ticketId}: an outcome under fence ${fence}, which nobody was given`,
    );
  }
  const completions = outcomes.filter(({ resolution }) => resolution === 'completed').length;
  const openings = 1 + events.filter(({ action }) => action === 'force_retry').length;
  law(
    completions <= openings,
    `ticket ${ticketId} is completed ${completions} times, opened ${openings} times`,
  );
}

/** Each claim and each outcome is told by one event, and nothing else is. */
function judgeEvents({ ticketId, outcomes, events }: SeenTicket, grants: readonly Grant[]): void {
  const wanted = [
    ...grants.map(({ claim }) => `${claimed} ${claim.fence}`),
    ...outcomes
      .filter(({ resolution }) => resolution !== 'cancelled')
      .map(({ fence, resolution }) => `${toldAs[resolution] ?? resolution} ${fence}`),
  ].toSorted();
  const told = events
    .filter(({ type }) => type === claimed || Object.values(toldAs).includes(type))
    .map(({ type, fence }) => `${type} ${fence}`)
    .toSorted();
  law(
    told.join() === wanted.join(),
    `ticket ${ticketId} is told as [${told.join()}], not [${wanted.join()}]`,
  );
}
