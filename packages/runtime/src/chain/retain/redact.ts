import { fault } from '../../fault/index.ts';
import type { Queryable } from '../../store/index.ts';
import { canonicalJson } from '../canonical.ts';
import { eventRedacted } from '../events.ts';
import type { ChainOwner } from '../seal/stage.ts';
import { draft } from '../vocabulary.ts';
import type { Vocabulary } from '../vocabulary.ts';

export interface Redaction {
  readonly seq: number;
  readonly reason: string;
  /** Who asked; default the workspace's `kora` actor. */
  readonly actorId?: string;
}

type Outcome = 'redacted' | 'no_event' | 'protected' | 'gone';

/**
 * Takes the body of one event away and stages the event that says so, in one transaction. What is left of it still
 * proves. Throws KORA_EVENT_ABSENT, or KORA_REDACT_REFUSED when the event is evidence about the log itself or its body is
 * gone already.
 */
export async function redactEvent(
  db: Queryable,
  owner: ChainOwner,
  vocabulary: Vocabulary,
  { seq, reason, actorId }: Redaction,
): Promise<void> {
  const { version, payload } = vocabulary.parse(draft(eventRedacted, { seq, reason }));
  const [row] = await db.query<{ outcome: Outcome }>(
    'select kora.redact_body($1, $2, $3, $4, $5, $6, $7) as outcome',
    [
      owner.workspaceId,
      seq,
      vocabulary.text(actorId ?? owner.actorId),
      owner.runtimeId,
      owner.sessionId,
      version,
      canonicalJson(payload),
    ],
  );
  if (row?.outcome !== 'redacted') throw refusal(seq, row?.outcome);
}

function refusal(seq: number, outcome: Outcome | undefined): Error {
  const details = { seq };
  if (outcome === 'protected') {
    const why = `event ${seq} says how the log itself was treated; its body stays`;
    return fault('KORA_REDACT_REFUSED', why, { details });
  }
  if (outcome === 'gone')
    return fault('KORA_REDACT_REFUSED', `the body of event ${seq} is gone already`, { details });
  return fault('KORA_EVENT_ABSENT', `there is no event ${seq} in this workspace's store`, { details });
}
