import { askDecision } from './message/index.ts';
import type { Decider, Ended, NewMessage } from './message/index.ts';
import type { AskedProposal, Promotion } from './promotion/index.ts';
import type { Rooms } from './rooms.ts';
import { codeOf } from './store/index.ts';
import type { Transaction } from './store/index.ts';

const kind = 'promotion';

type Asked = Pick<AskedProposal, 'id' | 'revision' | 'digest'>;

/** A question is about one content: what came of the next cycle is another question, and no old code agrees to it. */
function subjectOf({ id, revision, digest }: Asked): string {
  return `${id} ${revision} ${digest}`;
}

function readSubject(subject: string): Asked {
  const [id, revision, digest = ''] = subject.split(' ');
  return { id: Number(id), revision: Number(revision), digest };
}

/** Tells the operator of a proposal, and has it wait where all decisions do. */
export async function askPromotion(
  { workspace, chain, apply }: Pick<Rooms, 'workspace' | 'chain' | 'apply'>,
  tx: Transaction,
  { title, expiresAt, ...asked }: AskedProposal,
  message: NewMessage,
): Promise<void> {
  await apply(tx, { messages: [message] });
  const context = { workspaceId: workspace.workspaceId, stage: chain.stage.bind(chain) };
  await askDecision(tx, context, {
    kind,
    subject: subjectOf(asked),
    asker: message.source,
    title: `proposal ${asked.id}: ${title}. "kora promotion show ${asked.id}" has its evidence. Do it, on trial?`,
    expiresAt: new Date(expiresAt),
    messages: [message.key],
  });
}

/** Approve applies exactly what was told, on trial; deny keeps it away until there is twice the evidence. */
export function promotions(promotion: () => Pick<Promotion, 'one' | 'approve' | 'reject'>): Decider {
  return {
    kind,
    decide: async ({ subject, verdict, by, reason }, marked) => {
      const word = { ...readSubject(subject), by, reason };
      if (verdict === 'approve') await promotion().approve(word, marked);
      else await promotion().reject(word, marked);
    },
    ended: async (subjects) => {
      const seen = subjects.map((subject) => endOf(promotion(), subject));
      return (await Promise.all(seen)).flat();
    },
  };
}

async function endOf(promotion: Pick<Promotion, 'one'>, subject: string): Promise<readonly Ended[]> {
  const { id, revision } = readSubject(subject);
  try {
    const now = await promotion.one(id);
    if (now.decision === 'pending' && now.revision === revision) return [];
    if (now.decision === 'expired') return [{ subject, status: 'expired' }];
    const isAnswered = now.decision === 'approved' || now.decision === 'rejected';
    if (!isAnswered || now.revision !== revision) return [{ subject, status: 'withdrawn' }];
    const verdict = now.decision === 'approved' ? 'approve' : 'deny';
    return [
      { subject, status: 'answered', verdict, ...(now.decidedBy === null ? {} : { by: now.decidedBy }) },
    ];
  } catch (error) {
    if (codeOf(error) === 'KORA_PROPOSAL_UNKNOWN') return [{ subject, status: 'withdrawn' }];
    throw error;
  }
}
