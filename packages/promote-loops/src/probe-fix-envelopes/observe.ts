import type { HistoryLook, Observed, PromotionContext, ProposalDraft } from '@kora/runtime/plugin';
import { rounded } from '../figures/round.ts';
import { atLeast } from '../figures/share.ts';
import { daysOf } from '../figures/span.ts';
import { everyRow } from '../reading/pages.ts';
import { envelopeKind, envelopesOf } from './envelope.ts';
import type { Envelope, EnvelopeChange } from './envelope.ts';
import { FixRecord, FixRecords } from './record.ts';
import { Recurrences } from './recurrence.ts';
import type { ProbeFixEnvelopesSettings } from './settings.ts';
import { sparedSeconds, Waits } from './waits.ts';

/** Fixes that are proposed in one cycle, at most; those that were asked for most. */
const mostDrafts = 10;

/** What the operator asks for again and again is proposed as an envelope; what comes back without a fix is told. */
export async function observeFixes(
  past: PromotionContext,
  settings: ProbeFixEnvelopesSettings,
  { look, signal }: { readonly look: HistoryLook; readonly signal: AbortSignal },
): Promise<Observed> {
  const { history } = past;
  const envelopes = envelopesOf(await past.places(envelopeKind));
  const records = new FixRecords({ whoever: false });
  const attempts = await everyRow(
    (query) => history.attempts(query),
    { look },
    { signal, visit: (row) => records.add(row) },
  );
  const recurrences = new Recurrences();
  const waits = new Waits(records);
  const incidents = await everyRow(
    (query) => history.incidents(query),
    { look },
    {
      signal,
      visit: (row) => {
        recurrences.add(row);
        waits.add(row.incidentId, Date.parse(row.openedAt));
      },
    },
  );
  const drafts = [...envelopes.values()]
    .toSorted((one, other) => (one.key < other.key ? -1 : 1))
    .flatMap((envelope) => {
      const record = records.of.get(envelope.key) ?? new FixRecord();
      return draftOf(envelope, record, { settings, look, waitedMs: waits.of(envelope.key) }) ?? [];
    })
    .toSorted((one, other) => other.evidence.size - one.evidence.size)
    .slice(0, mostDrafts);
  const withFix = new Set([...envelopes.values()].map(({ probe }) => probe));
  const notes = recurrences.withoutFix(withFix, {
    atLeast: settings.minOccurrences,
    days: Math.round(daysOf(look)),
  });
  return { observed: attempts + incidents, drafts, notes };
}

/** What an envelope should be, by what was done with it; null where it is right, or too little was seen. */
function changeFor(
  { mode, risk, perTargetPerHour }: Envelope,
  record: FixRecord,
  { minAttempts, minMended }: Pick<ProbeFixEnvelopesSettings, 'minAttempts' | 'minMended'>,
): EnvelopeChange | null {
  const mended = { hits: record.mended, of: record.asked };
  if (mode === 'off') {
    // Off for who asks: with `approve` each attempt still waits for a word, so that it is wanted is enough.
    const isWanted = record.wanted + record.asked >= minAttempts && record.against <= record.mended;
    return isWanted && record.wanted > 0 ? { mode: 'approve' } : null;
  }
  if (mode !== 'approve' || record.asked < minAttempts || atLeast(mended) < minMended) return null;
  const used = Math.max(1, record.mostInAnHour);
  const bound = used < perTargetPerHour ? { perTargetPerHour: used } : {};
  if (risk === 'low') return { mode: 'auto', ...bound };
  return used < perTargetPerHour ? bound : null;
}

function draftOf(
  envelope: Envelope,
  record: FixRecord,
  {
    settings,
    look,
    waitedMs,
  }: {
    readonly settings: ProbeFixEnvelopesSettings;
    readonly look: HistoryLook;
    readonly waitedMs: number;
  },
): ProposalDraft | null {
  const value = changeFor(envelope, record, settings);
  if (value === null) return null;
  const { key, mode, capability, risk, learned } = envelope;
  const to =
    value.mode === undefined
      ? `at most ${value.perTargetPerHour} an hour at one target`
      : `${mode} becomes ${value.mode}`;
  const size = record.asked + record.wanted;
  return {
    // The aim and not the bound: a bound that moves by one is a new revision of the same proposal.
    identity: { fix: key, aim: value.mode ?? 'bound' },
    // The rest of what was learned there stays.
    change: { kind: envelopeKind, key, value: { ...learned, ...value } },
    title: `fix ${key}: ${to}`,
    why: [
      `The operator asked for it ${size} times: ${record.mended} mended, ${record.against} did not${record.wanted === 0 ? '' : `, ${record.wanted} found it off`}.`,
      `At most ${record.mostInAnHour} were begun at one target within an hour; ${capability} is ${risk} risk.`,
    ].join('\n'),
    evidence: { size, samples: record.samples },
    baseline: [
      {
        name: 'mended',
        before: record.asked === 0 ? null : rounded(record.mended / record.asked),
        after: null,
        samples: record.asked,
      },
      { name: 'most_in_an_hour', before: record.mostInAnHour, after: null, samples: record.asked },
      {
        name: 'seconds_to_mend',
        before: record.msToMend.mean === null ? null : rounded(record.msToMend.mean / 1_000),
        after: null,
        samples: record.msToMend.count,
      },
    ],
    expected: {
      microUsdPerDay: 0,
      // Until somebody asked; with the operator's word before each attempt, and with a bound, nothing of it is saved.
      secondsPerDay: value.mode === 'auto' ? sparedSeconds(record, { waitedMs, look }) : 0,
    },
  };
}
