import { setImmediate as turnOfOthers } from 'node:timers/promises';
import type {
  Examination,
  HistoryLook,
  LoopSpec,
  Observed,
  PromotionContext,
  ProposalDraft,
} from '@kora/runtime/plugin';
import { z } from 'zod';
import { clustersOf } from '../cluster/cluster.ts';
import { SignatureCache } from '../cluster/signature.ts';
import { percent } from '../figures/round.ts';
import { atLeast } from '../figures/share.ts';
import { perDay } from '../figures/span.ts';
import { everyMail, intentKind, LeftAlone, savedOf } from './mails.ts';
import type { Subject } from './mails.ts';
import { measureIntent } from './measure.ts';
import { phraseOfCluster } from './phrase.ts';
import type { EmailIntentSettings } from './settings.ts';

export interface IntentLoop {
  readonly promotion: PromotionContext;
  readonly settings: EmailIntentSettings;
}

const value = z.object({ subject: z.string() });

/** Mails that the operator saves by hand again and again become tickets by themselves. No model is called. */
export function promoteEmailIntent(promotion: PromotionContext, settings: EmailIntentSettings): LoopSpec {
  const own = { promotion, settings };
  const cache = new SignatureCache();
  return {
    name: 'promote_email_intent',
    means: 'Mails that are saved by hand again and again become tickets by themselves.',
    kinds: [intentKind],
    settings,
    observe: (look, signal) => observeMails(own, { look, cache }, signal),
    examine: (draft, heldOut, signal) => examineMails(own, { draft, heldOut }, signal),
    measure: (change, looks, signal) =>
      measureIntent(own, { key: change.key, phrase: value.parse(change.value).subject, looks }, signal),
  };
}

async function observeMails(
  { promotion, settings }: IntentLoop,
  { look, cache }: { readonly look: HistoryLook; readonly cache: SignatureCache },
  signal: AbortSignal,
): Promise<Observed> {
  const left = new LeftAlone();
  const observed = await everyMail(promotion.history, look, { signal, visit: (seen) => left.add(seen) });
  const all = left.all();
  const inForce = new Set((await promotion.places(intentKind)).map(({ key }) => key));
  const clusters = await clustersOf(
    all.filter(({ saved }) => saved > 0),
    { threshold: settings.cohesion, cache, pause: turnOfOthers, signal },
  );
  const drafts = new Map<string, ProposalDraft>();
  for (const { members } of clusters) {
    if (drafts.size >= settings.mostProposals) break;
    if (members.reduce((sum, { saved }) => sum + saved, 0) < settings.minClusterSize) continue;
    await turnOfOthers();
    const phrase = phraseOfCluster(members, all, settings.minPrecision);
    if (phrase === undefined || drafts.has(phrase) || inForce.has(keyOf(phrase))) continue;
    drafts.set(phrase, draftOf({ phrase, members, all, look }, settings));
  }
  return { observed, drafts: [...drafts.values()] };
}

interface Found {
  readonly phrase: string;
  readonly members: readonly Subject[];
  readonly all: readonly Subject[];
  readonly look: HistoryLook;
}

function draftOf(
  { phrase, members, all, look }: Found,
  { secondsPerMail }: EmailIntentSettings,
): ProposalDraft {
  const { hits, of } = savedOf(all, phrase);
  return {
    identity: { phrase },
    change: {
      kind: intentKind,
      key: keyOf(phrase),
      value: { subject: phrase, confidence: 'high', action: 'ticket', tags: ['email', 'learned'] },
    },
    title: `Save mails about ${JSON.stringify(phrase)} by themselves`,
    why: `Of ${of} mails with ${JSON.stringify(phrase)} in their subject, which nothing recognised, you saved ${hits} by hand.`,
    evidence: {
      size: hits,
      samples: members.slice(0, 20).map(({ text, saved, seen }) => ({
        text: `${text} (saved ${saved} times)`,
        ref: `event ${seen[0] ?? 0}`,
      })),
    },
    baseline: [{ name: 'precision', before: null, after: of === 0 ? null : hits / of, samples: of }],
    expected: { microUsdPerDay: 0, secondsPerDay: perDay(hits * secondsPerMail, look) },
  };
}

async function examineMails(
  { promotion, settings }: IntentLoop,
  { draft, heldOut }: { readonly draft: ProposalDraft; readonly heldOut: HistoryLook },
  signal: AbortSignal,
): Promise<Examination> {
  const { subject: phrase } = value.parse(draft.change.value);
  const left = new LeftAlone();
  await everyMail(promotion.history, heldOut, { signal, visit: (seen) => left.add(seen) });
  const found = savedOf(left.all(), phrase);
  const saved = left.all().reduce((sum, one) => sum + one.saved, 0);
  const precision = found.of === 0 ? null : found.hits / found.of;
  const isEnough = found.of >= settings.minHeldOut;
  return {
    passed: isEnough && precision !== null && precision >= settings.minPrecision,
    why: isEnough
      ? `of ${found.of} held-out mails with it you saved ${found.hits}: ${percent(precision ?? 0)}, at least ${percent(atLeast(found))} with 95 % confidence; ${percent(settings.minPrecision)} are asked`
      : `${found.of} held-out mails have it: too few to say, of ${settings.minHeldOut} asked`,
    figures: [
      { name: 'precision', before: null, after: precision, samples: found.of },
      { name: 'precision_lower_bound', before: null, after: atLeast(found), samples: found.of },
      { name: 'recall', before: 0, after: saved === 0 ? null : found.hits / saved, samples: saved },
    ],
    gain: { microUsdPerDay: 0, secondsPerDay: perDay(found.hits * settings.secondsPerMail, heldOut) },
  };
}

/** The place of a phrase: its words as one name. */
function keyOf(phrase: string): string {
  return `learned_${phrase.replaceAll(' ', '_')}`.slice(0, 100);
}
