import { definePlugin, every } from '@kora/runtime/plugin';
import type {
  HistoryLook,
  LoopSpec,
  Observed,
  PastQuestion,
  Plugin,
  PromotionContext,
  ProposalDraft,
} from '@kora/runtime/plugin';

const minuteMs = 60_000;
const begins = Date.parse('2025-12-01T00:00:00Z');

export const window = { since: '2025-12-01T00:00:00.000Z', until: '2025-12-31T00:00:00.000Z' };

/** Two questions that are asked all month long, in turn. */
export const questions: readonly PastQuestion[] = Array.from({ length: 60 }, (_, n) => ({
  runId: `run-${n}`,
  at: new Date(begins + n * 12 * 60 * minuteMs).toISOString(),
  route: 'slack_dm',
  text: n % 2 === 0 ? 'is the tide high?' : 'who is on watch?',
  answer: 'ask the harbour',
  status: 'answered',
  by: 'engine',
  error: null,
  model: 'm',
  tier: 'standard',
  routing: null,
  calls: 1,
  costMicroUsd: 1_000,
  durationMs: 900,
  tools: [],
  advertised: null,
  untrusted: false,
  learned: [],
  snapshot: null,
}));

/** What a loop of an outsider gets wrong, one thing each. */
export type Flaw = 'none' | 'one-page' | 'remembers' | 'counts' | 'deaf' | 'date' | 'heldOut' | 'twins';

/** A plugin from outside whose loop counts what is asked again and again. */
export function tideLoop(flaw: Flaw = 'none'): Plugin {
  return definePlugin({
    id: 'tide',
    register: async (context) => {
      await context.registerLoop(specOf(context.promotion, flaw));
    },
  });
}

function specOf(promotion: PromotionContext, flaw: Flaw): LoopSpec {
  const remembered: PastQuestion[] = [];
  const read = async (look: HistoryLook, signal?: AbortSignal): Promise<PastQuestion[]> => {
    const { history } = promotion;
    if (flaw === 'one-page') return [...(await history.questions({ look })).rows];
    const rows: PastQuestion[] = [];
    const heard = flaw === 'deaf' ? undefined : signal;
    for await (const row of every((query) => history.questions(query), { look }, heard)) rows.push(row);
    return rows;
  };
  return {
    name: 'promote_tide',
    means: 'finds what is asked again and again',
    kinds: ['phrasebook.entry'],
    settings: {
      enabled: true,
      everyHours: 24,
      windowDays: 30,
      expiryDays: 14,
      trialHours: 72,
      applyLowRisk: false,
    },
    observe: async (look, signal): Promise<Observed> => {
      const rows = [...(await read(look, signal)), ...remembered];
      const found = [...Map.groupBy(rows, ({ text }) => text)].map(([text, asked]) =>
        draftOf(text, asked, flaw),
      );
      return { observed: rows.length, drafts: found };
    },
    examine: async ({ change }, look) => {
      const rows = await read(look);
      if (flaw === 'remembers') remembered.push(...rows);
      const asked = rows.filter(({ text }) => text === change.key).length;
      return { passed: asked > 0, why: `asked ${asked} times`, figures: [], gain: nothing };
    },
    measure: async (_, { since }) => ({
      verdict: (await read(since)).length > 0 ? 'no_worse' : 'unclear',
      why: 'as before',
      figures: [],
      gain: nothing,
    }),
  };
}

const nothing = { microUsdPerDay: 0, secondsPerDay: 0 };

function draftOf(text: string, asked: readonly PastQuestion[], flaw: Flaw): ProposalDraft {
  const [first] = asked;
  const at = flaw === 'date' ? { at: new Date(first?.at ?? 0) } : {};
  // A set that a loop made of all it knows of, held out or not.
  const shown = flaw === 'heldOut' ? questions : asked;
  const identity = { twins: {}, counts: { text, asked: asked.length } };
  return {
    identity: flaw === 'twins' || flaw === 'counts' ? identity[flaw] : { text },
    change: { kind: 'phrasebook.entry', key: text, value: { reply: '{snapshot.tide}', ...at } },
    title: `answer "${text}"`,
    why: 'it is asked again and again',
    evidence: {
      size: asked.length,
      samples: shown.slice(0, 20).map(({ runId }) => ({ text, ref: `run ${runId}` })),
    },
    baseline: [],
    expected: nothing,
  };
}
