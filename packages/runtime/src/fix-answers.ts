import { findAttempt, listAttempts, remedyFor } from './fix/index.ts';
import type { FixAttempt, FixOffer, Rehearsal } from './fix/index.ts';
import type { Ground } from './ground.ts';
import type { House, shape } from './http/index.ts';
import type { Rooms } from './rooms.ts';

/** A try is answered within the time that a client waits; what it comes to is told in the incident's thread. */
const waitMs = 8_000;

/** What may be mended, what was, and the operator's own wish: it goes the way of every other. */
export function fixAnswers(
  { clock }: Pick<Ground, 'clock'>,
  { database, workspace, fixes }: Pick<Rooms, 'database' | 'workspace' | 'fixes'>,
): Pick<House, 'fixes' | 'fixAttempt' | 'rehearseFix' | 'tryFix'> {
  const { workspaceId } = workspace;
  return {
    fixes: async ({ incident, limit }) => ({
      fixes: (await fixes.offers()).map(offerView),
      attempts: (await listAttempts(database, workspaceId, { incidentId: incident, limit })).map(attemptView),
    }),
    fixAttempt: async (attemptId) => attemptView(await findAttempt(database, workspaceId, attemptId)),
    rehearseFix: async (question) =>
      rehearsalView(await fixes.rehearse(question, new AbortController().signal)),
    tryFix: async ({ idempotencyKey, ...wish }) => {
      const key = `operator:${idempotencyKey ?? clock.uuid()}`;
      return attemptView(await fixes.attempt({ ...wish, key, askedBy: 'operator' }, waitMs));
    },
  };
}

function offerView({ targets, learned, ...offer }: FixOffer): shape.FixOfferRow {
  return {
    ...offer,
    learned: learned && { ...learned, sets: [...learned.sets] },
    targets: targets.map((target) => ({ ...target })),
  };
}

function attemptView({ key: _key, conditions, before, after, ...attempt }: FixAttempt): shape.FixAttemptRow {
  return {
    ...attempt,
    remedy: remedyFor(attempt),
    ...seenView({ conditions, before }),
    after: after === null ? null : { ...after },
  };
}

function rehearsalView({ conditions, before, ...rehearsal }: Rehearsal): shape.FixRehearsalView {
  return { ...rehearsal, ...seenView({ conditions, before }) };
}

function seenView({
  conditions,
  before,
}: Pick<Rehearsal, 'conditions' | 'before'>): Pick<shape.FixRehearsalView, 'conditions' | 'before'> {
  return {
    conditions: conditions.map((condition) => ({ ...condition })),
    before: before === null ? null : { ...before },
  };
}
