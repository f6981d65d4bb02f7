import { describe, expect, it } from 'vitest';
import promoteLoops from '../packages/promote-loops/src/index.ts';
import { questionsOf, snapshotAt } from '../packages/promote-loops/src/testing/month-of-questions.ts';
import { momentOf } from '../packages/promote-loops/src/testing/past.ts';
import {
  attempt,
  escalation,
  incident,
  place,
  question,
  spread,
  toolCall,
} from '../packages/promote-loops/src/testing/rows.ts';
import { loopBench } from '../packages/testkit/src/index.ts';
import type { TestPast } from '../packages/testkit/src/index.ts';

const window = { since: momentOf(0), until: momentOf(30) };
const runs = 120;

/** How many orders there are is asked all month, and answered by what the snapshot says. */
function knownQuestions(): TestPast {
  const said = Array.from({ length: runs }, (_, at) => {
    const orders = 10 + ((at * 7) % 23);
    const snapshot = snapshotAt((30 * at) / runs, { orders: { today: orders, open: (at * 3) % 5 } });
    return { text: 'how many orders came in today?', answer: `${orders} orders came in today.`, snapshot };
  });
  return { questions: questionsOf(said) };
}

/** A tool is asked the same again and again, and another is offered and never called. */
function sameTool(): TestPast {
  const questions = spread(runs, {}, ({ at, n }) =>
    question({
      runId: `queue-${n}`,
      at,
      tools: ['queue'],
      advertised: ['queue', 'weather'],
      answer: '7 open',
    }),
  );
  const toolCalls = spread(runs, {}, ({ at, n }) =>
    toolCall({ runId: `queue-${n}`, at, tool: 'queue', input: {}, says: { open: 7, limit: 100 } }),
  );
  const tools = ['queue', 'weather'].map((name) => ({ name, floor: false, characters: 400 }));
  return {
    questions,
    toolCalls,
    places: {
      'snapshot.field': [
        place('learned.queue', null, {
          tool: 'queue',
          sideEffects: 'none',
          untrusted: false,
          backedBy: null,
        }),
      ],
      'tools.trimmed': [place('slack_dm', { without: [] }, { tools, inputMicroUsdPerMillion: 1_000_000 })],
    },
  };
}

/** Nine first answers of ten of the small model are not what the larger one says. */
function weakAnswers(): TestPast {
  const asked = spread(runs, {}, ({ at, n }) => {
    const weak = { tier: 'standard', routing: 'escalated:low_confidence', costMicroUsd: 6_000 } as const;
    return question({ runId: `weak-${n}`, at, ...(n % 10 === 0 ? {} : weak) });
  });
  const events = asked.flatMap(({ runId, at, tier }, n) =>
    tier === 'standard' ? [{ ...escalation(n, { run_id: runId }), at }] : [],
  );
  const weights = { decision_language: 3, verdict: 2, long_question: 2, acting_tools: 1 };
  const facts = { weights, prefixes: { '/small': 'small', '/large': 'large' }, learned: null };
  const value = { standardFrom: 3, largeFrom: 6, unsureBelow: 0.4, weight: 0 };
  return { questions: asked, events, places: { 'router.parameters': [place('slack_dm', value, facts)] } };
}

/** The operator asks for one fix each day, and it always mends. */
function sameFix(): TestPast {
  const facts = { capability: 'cap_shop_fix', risk: 'low', learned: null };
  return {
    attempts: spread(29, { days: 29 }, ({ day, n }) =>
      attempt({ attemptId: n, incidentId: n, at: momentOf(day + 0.01), endedAt: momentOf(day + 0.011) }),
    ),
    incidents: spread(29, { days: 29 }, ({ day, n }) =>
      incident({ incidentId: n, openedAt: momentOf(day), resolvedAt: momentOf(day + 0.01) }),
    ),
    places: { 'fix.envelope': [place('shop/restart', { mode: 'approve', perTargetPerHour: 6 }, facts)] },
  };
}

/** Every third mail is an invoice that the operator saves by hand. */
function savedMails(): TestPast {
  const events = spread(runs, {}, ({ at, n }) => {
    const subject = n % 3 === 0 ? `Invoice from ACME no ${1_000 + n}` : `Minutes ${n % 50}`;
    const payload = { message_id: `<${n}@x>`, subject, pattern: 'unrecognized' };
    const read = {
      seq: 2 * n + 1,
      type: 'email.intent_read',
      at,
      payload: { ...payload, action: 'logged_only' },
    };
    const judged = {
      seq: 2 * n + 2,
      type: 'email.intent_judged',
      at,
      payload: { ...payload, verdict: 'missed' },
    };
    return n % 3 === 0 ? [read, judged] : [read];
  });
  return { events: events.flat() };
}

describe.each([
  ['promote_phrasebook', knownQuestions()],
  ['promote_snapshot_expand', sameTool()],
  ['promote_router_tuning', weakAnswers()],
  ['promote_tool_trimming', sameTool()],
  ['promote_probe_fix_envelopes', sameFix()],
  ['promote_email_intent', savedMails()],
])('%s', (loop, past) => {
  it.each(loopBench({ plugin: promoteLoops, trusted: true, loop, past, window }))('$title', ({ run }) =>
    expect(run()).resolves.toBeUndefined(),
  );
});
