import type { DecisionRow } from '@kora/runtime/client';
import { describe, expect, it } from 'vitest';
import { approvalRow, before } from '../../stage/rows.ts';
import { decisionHref } from '../../store/needs.ts';
import { filteredAnswers, openDecisions, pastAnswers } from './past.ts';

function decisionRow(part: Partial<DecisionRow> = {}): DecisionRow {
  return {
    decisionId: 5,
    kind: 'ticket',
    subject: '38',
    asker: 'kora',
    title: 'May ticket #38 go on?',
    askedAt: before(100),
    expiresAt: before(-100),
    status: 'open',
    verdict: null,
    endedAt: null,
    answeredBy: null,
    answeredVia: null,
    note: null,
    ...part,
  };
}

describe('what waits for a word', () => {
  it('is told once: a question about a call is the call itself', () => {
    const rows = [decisionRow(), decisionRow({ decisionId: 6, kind: 'approval', subject: '12' })];
    expect(openDecisions(rows).map((row) => row.decisionId)).toEqual([5]);
    expect(rows.map(decisionHref)).toEqual(['/tickets/38', '/approvals/12']);
  });

  it('stands among the answers afterwards, newest first, with who said what', () => {
    const answers = pastAnswers(
      [
        approvalRow(),
        approvalRow({ approvalId: 9, status: 'refused', decidedAt: before(50), decidedBy: 'operator' }),
      ],
      [
        decisionRow({ status: 'answered', verdict: 'approve', endedAt: before(20), answeredBy: 'op' }),
        decisionRow({ decisionId: 7, status: 'expired', endedAt: before(90) }),
      ],
    );
    expect(answers.map((row) => `${row.key} ${row.ended}`)).toEqual([
      'decision-5 approved',
      'approval-9 refused',
      'decision-7 expired',
    ]);
    expect(answers[0]?.by).toBe('op over an unknown way');
    expect(filteredAnswers(answers, { q: '', ended: 'expired' }).map((row) => row.key)).toEqual([
      'decision-7',
    ]);
  });
});
