import type { Capabilities, Question } from './capability/index.ts';
import { askDecision } from './message/index.ts';
import type { Decider, Ended } from './message/index.ts';
import type { Rooms } from './rooms.ts';
import type { Transaction } from './store/index.ts';

/** Tells the operator of a question about a call, and has it wait where all decisions do. */
export async function askApproval(
  { workspace, chain }: Pick<Rooms, 'workspace' | 'chain'>,
  apply: Rooms['apply'],
  tx: Transaction,
  { asks, ...question }: Question,
): Promise<void> {
  await apply(tx, { messages: [question] });
  const context = { workspaceId: workspace.workspaceId, stage: chain.stage.bind(chain) };
  await askDecision(tx, context, {
    kind: 'approval',
    subject: String(asks.approvalId),
    asker: asks.caller,
    title: question.title,
    expiresAt: new Date(asks.expiresAt),
    messages: [question.key],
  });
}

/** A call that needs the operator's word. */
export function approvals({
  capabilities,
}: {
  readonly capabilities: Pick<Capabilities, 'decide' | 'approval'>;
}): Decider {
  return {
    kind: 'approval',
    decide: async ({ subject, verdict, by, reason }, marked) => {
      const decision = verdict === 'approve' ? 'approved' : 'refused';
      await capabilities.decide({ approvalId: Number(subject), verdict: decision, by, reason }, marked);
    },
    ended: async (subjects) => {
      const seen = await Promise.all(subjects.map((subject) => capabilities.approval(Number(subject))));
      return seen.flatMap(({ approvalId, status, decidedBy }): readonly Ended[] => {
        const subject = String(approvalId);
        if (status === 'pending') return [];
        // What was approved and not used in its time was answered all the same.
        if (decidedBy === null) return [{ subject, status: 'expired' }];
        const verdict = status === 'refused' ? 'deny' : 'approve';
        return [{ subject, status: 'answered', verdict, by: decidedBy }];
      });
    },
  };
}
