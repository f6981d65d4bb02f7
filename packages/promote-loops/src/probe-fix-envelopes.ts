import type { Consequences, PluginContext, TaskOutcome } from '@kora/runtime/plugin';
import type { PromoteConfig } from './config.ts';
import { promotionProposed, readProposal } from './proposal.ts';
import type { Proposal } from './proposal.ts';
import { fingerprintOf, incidentResolved, readOccurrence, recurrences } from './recurrence.ts';
import type { Recurrence } from './recurrence.ts';

export const loopName = 'promote_probe_fix_envelopes';

type LoopContext = Pick<PluginContext<PromoteConfig>, 'chain' | 'clock' | 'config' | 'log'>;

const dayMs = 86_400_000;
/** Events in one reading: more incidents than these in the window are counted as these. */
const readLimit = 1_000;

/**
 * One run of the loop: faults that keep coming back are proposed for a fix envelope. Reads the chain, raises at most
 * one `promotion.proposed` for each, asks no model, applies nothing.
 */
export async function proposeFixEnvelopes(context: LoopContext, signal: AbortSignal): Promise<TaskOutcome> {
  const { windowDays, minOccurrences } = context.config;
  const since = context.clock.now() - windowDays * dayMs;
  const resolved = await context.chain.read({ type: incidentResolved, order: 'desc', limit: readLimit });
  const occurrences = resolved.map(readOccurrence).filter((occurrence) => occurrence !== null);
  const oldest = occurrences.at(-1);
  if (resolved.length === readLimit && oldest !== undefined && oldest.at >= since) {
    context.log.warn('the window holds more incidents than one reading: the oldest are not counted', {
      readLimit,
    });
  }
  const found = recurrences(occurrences, { since, atLeast: minOccurrences });
  const known = found.length === 0 ? [] : await earlierProposals(context);
  let proposed = 0;
  for (const recurrence of found) {
    signal.throwIfAborted();
    const proposal = proposalFor(recurrence, windowDays);
    if (!isNews(proposal, known)) continue;
    await context.chain.append({ type: promotionProposed.type, payload: { ...proposal } });
    proposed += 1;
  }
  return proposed === 0 ? 'noop' : 'ok';
}

/** Tells the operator of a proposal, in the transaction that moves the consumer past it: once, and never not at all. */
export function tellOperator(proposal: Proposal): Consequences {
  const { fingerprint, occurrences, title, window_days: days, evidence } = proposal;
  const body = [
    `${title}.`,
    `Each time it resolved by itself or by hand; the median was ${shownSpan(proposal.median_duration_ms)}.`,
    `Evidence: events ${evidence.slice(-10).join(', ')}${evidence.length > 10 ? `, and ${evidence.length - 10} before` : ''}.`,
    'This is a proposal to write a fix envelope for it. Nothing was changed.',
    `Next step: read one of these events (kora event show ${evidence.at(-1) ?? 0}) and decide whether a bounded fix exists.`,
  ];
  return {
    messages: [
      {
        key: `promotion:${fingerprint}:${occurrences}`,
        thread: `promotion:${fingerprint}`,
        severity: 'info',
        title: `Proposal · recurring fault, ${occurrences} times in ${days} days`,
        body: body.join('\n'),
        source: loopName,
      },
    ],
  };
}

async function earlierProposals(context: LoopContext): Promise<readonly Proposal[]> {
  const events = await context.chain.read({ type: promotionProposed.type, order: 'desc', limit: readLimit });
  return events.map(readProposal).filter((proposal) => proposal !== null);
}

function proposalFor(recurrence: Recurrence, windowDays: number): Proposal {
  const { probe, target, category, occurrences } = recurrence;
  return {
    loop: loopName,
    fingerprint: fingerprintOf(loopName, recurrence),
    title: `${probe} (${target}) failed with ${category} ${occurrences.length} times in ${windowDays} days`,
    evidence: occurrences.map(({ seq }) => seq),
    window_days: windowDays,
    occurrences: occurrences.length,
    median_duration_ms: recurrence.medianDurationMs,
  };
}

/** Proposed once; again only when the evidence has doubled since the last time. */
function isNews(proposal: Proposal, known: readonly Proposal[]): boolean {
  const told = known
    .filter(({ fingerprint }) => fingerprint === proposal.fingerprint)
    .map(({ occurrences }) => occurrences);
  return told.length === 0 || proposal.occurrences >= 2 * Math.max(...told);
}

function shownSpan(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
