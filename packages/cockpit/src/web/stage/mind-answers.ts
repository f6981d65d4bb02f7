import type { PhrasebookView } from '@kora/runtime/client';
import { reasonRunDetail, reasonRuns } from './mind.ts';
import { prices, spend, spendDays, spendEntries } from './money.ts';
import { proposal } from './proposals.ts';
import { before } from './rows.ts';

/** What the staged house answers about thinking, money, the phrasebook and proposals; undefined for anything else. */
export function mindAnswer(path: string, search: URLSearchParams): unknown {
  const [, , noun = '', what = '', more] = path.split('/');
  switch (noun) {
    case 'reason':
      return more === undefined ? reasonRuns() : runOf(more);
    case 'spend':
      return spendAnswer(what, search);
    case 'phrasebook':
      return phrasebookAnswer(what);
    case 'promotions':
      return promotionAnswer(what, more);
    default:
      return undefined;
  }
}

function runOf(runId: string): unknown {
  const row = reasonRuns().find((run) => run.runId === runId);
  return row === undefined ? undefined : { ...reasonRunDetail(), ...row };
}

function spendAnswer(what: string, search: URLSearchParams): unknown {
  if (what === 'days') return spendDays(Number(search.get('days') ?? 7));
  if (what === 'entries') return spendEntries();
  return what === 'prices' ? prices : spend();
}

const own = {
  pattern: '[is] [the] mirror (done|ready) $',
  reply: 'The mirror: {snapshot.service_health.said.mirror}.',
  category: 'own',
  description: 'the mirror',
};

const version = {
  version: 4,
  kind: 'edit',
  at: before(86_400),
  by: 'operator',
  reason: 'the mirror is asked about each day',
  revertedTo: null,
  proposal: null,
  overlayEntries: 1,
  baseEntries: 2,
} as const;

const book: PhrasebookView = {
  ...version,
  inForce: true,
  overlay: [own],
  entries: [
    { ...own, index: 0, origin: 'operator', problem: null },
    {
      index: 1,
      origin: 'base',
      pattern: '[what is|whats] [the] [current] (status|state) [please] $',
      reply: '{snapshot.operational_state.summary}. Tickets: {snapshot.tickets.summary}.',
      category: 'state',
      description: 'how everything stands',
      problem: null,
    },
    {
      index: 2,
      origin: 'base',
      pattern: 'who are you $',
      reply: null,
      category: 'self',
      description: 'left to whoever thinks',
      problem: 'the placeholder {identity.colour} is not known',
    },
  ],
};

function phrasebookAnswer(what: string): unknown {
  if (what === 'test')
    return {
      version: 4,
      lookup: {
        outcome: 'answered',
        text: 'The mirror: healthy.',
        entry: { index: 0, origin: 'operator', entry: own },
      },
    };
  if (what === 'history')
    return [version, { ...version, version: 3, kind: 'base', overlayEntries: 0, reason: 'Kora 0.1.0' }];
  return book;
}

function promotionAnswer(what: string, more: string | undefined): unknown {
  if (what === 'loops') return [loop];
  if (more === 'diff') return { from: 1, to: 2, lines: proposal().lines };
  if (what !== '') return proposal({ id: Number(what) });
  return [
    proposal(),
    proposal({
      id: 11,
      loop: 'fixes',
      title: 'Restart the shop by itself, at most 3 times an hour',
      risk: 'high',
      change: { kind: 'fix.envelope', key: 'shop.restart', value: { perHour: 3 } },
      expiresAt: before(-90_000),
    }),
    proposal({
      id: 9,
      decision: 'approved',
      application: 'applied',
      title: 'Answer “what does it cost?” from the phrasebook',
      trialUntil: before(-40_000),
    }),
  ];
}

const loop = {
  name: 'phrasebook',
  plugin: 'promote-loops',
  means: 'Questions whose answers are always the same become entries of the phrasebook.',
  kinds: ['phrasebook.entry'],
  settings: {
    enabled: true,
    everyHours: 24,
    windowDays: 28,
    expiryDays: 14,
    trialHours: 72,
    applyLowRisk: false,
  },
  lastRun: {
    loop: 'phrasebook',
    at: before(7_200),
    durationMs: 812,
    outcome: 'ok',
    error: null,
    observed: 2_114,
    drafts: 3,
    proposed: 1,
    unchanged: 1,
    refused: [{ title: 'Answer “how is the shop?”', why: 'its answers differ' }],
    notes: [],
  },
  nextRunAt: before(-79_200),
};
