import { fault, messageOf } from '../fault/index.ts';
import type { ChangeSeen } from './contract.ts';
import type { Kinds } from './kinds.ts';
import type { ProposalRow } from './rows.ts';
import type { ProposalRefusal } from './view.ts';

/** Whose the deeds of the runtime's own are, as they stand in the steps of a proposal. */
export const ownActor = 'kora';

/** Why it cannot be made now by this word; what its kind throws is a reason as well. */
export async function refusalOf(kinds: Kinds, row: ProposalRow, agreedBy: string): Promise<string | null> {
  const { change } = row.content.draft;
  const registered = kinds.get(change.kind);
  if (registered === undefined) return `nobody brings ${change.kind} now`;
  const parsed = registered.spec.value.safeParse(change.value);
  if (!parsed.success) return `its value no longer fits: ${parsed.error.issues[0]?.message ?? ''}`;
  try {
    const seen = await registered.spec.examine({ key: change.key, value: parsed.data });
    return seen.refusal ?? unheard(row, seen, agreedBy);
  } catch (error) {
    return messageOf(error);
  }
}

/** Nothing but what was of low risk when it was proposed, and is now, is agreed to without the operator's word. */
function unheard(row: ProposalRow, seen: ChangeSeen, agreedBy: string): string | null {
  if (agreedBy !== ownActor || (row.risk === 'low' && seen.risk === 'low')) return null;
  return 'it is of high risk, and no operator agreed to it';
}

/** Whether anybody came by to say so yet or not: its time is over when it is over. Throws KORA_PROPOSAL_DECIDED. */
export function checkTime({ id, loop, expiresAt }: ProposalRow, now: number): void {
  if (expiresAt.getTime() > now) return;
  throw fault('KORA_PROPOSAL_DECIDED', `proposal ${id} is over since ${expiresAt.toISOString()}`, {
    fix: `kora promotion run ${loop} --reason '...'`,
  });
}

/** Throws KORA_PROPOSAL_CHANGED where it is other content that was read. */
export function checkContent(
  row: ProposalRow,
  { revision = row.revision, digest = row.digest }: ProposalRefusal,
): void {
  if (row.revision === revision && row.digest === digest) return;
  throw fault(
    'KORA_PROPOSAL_CHANGED',
    `proposal ${row.id} is at revision ${row.revision}${row.revision === revision ? ' with other content' : ''}; the word was about revision ${revision}`,
    {
      fix: `kora promotion show ${row.id}`,
      // The digests are compared by programs; a person reads the revisions and what is other between them.
      details: { revision: row.revision, digest: row.digest, about: { revision, digest } },
    },
  );
}
