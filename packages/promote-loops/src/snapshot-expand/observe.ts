import { createHash } from 'node:crypto';
import type {
  HistoryLook,
  Observed,
  PastQuestion,
  PromotionContext,
  ProposalDraft,
} from '@kora/runtime/plugin';
import { percent, rounded } from '../figures/round.ts';
import { perDay } from '../figures/span.ts';
import { everyRow } from '../reading/pages.ts';
import { Questions, steadyFields } from './asked.ts';
import type { Asked } from './asked.ts';
import { cadenceFor } from './cadence.ts';
import { askableTools, fieldKind } from './field.ts';
import type { SnapshotField } from './field.ts';
import { Needed } from './needed.ts';
import type { SnapshotExpandSettings } from './settings.ts';

/** Fields that are proposed in one cycle, at most; those that save most. */
const mostDrafts = 10;

/** A field for every tool that is asked the same again and again, where that was all that the questions needed. */
export async function observeFields(
  past: PromotionContext,
  settings: SnapshotExpandSettings,
  { look, signal }: { readonly look: HistoryLook; readonly signal: AbortSignal },
): Promise<Observed> {
  const { history } = past;
  const keys = askableTools(await past.places(fieldKind));
  const questions = new Questions(keys.keys());
  const calls = await everyRow(
    (query) => history.toolCalls(query),
    { look },
    { signal, visit: (row) => questions.add(row) },
  );
  const often = questions.often(settings);
  if (often.length === 0) return { observed: calls, drafts: [] };
  const needed = new Map(often.map((asked) => [asked, new Needed()]));
  const byRun = Map.groupBy(
    often.flatMap((asked) => [...asked.runs.keys()].map((runId) => ({ runId, asked }))),
    ({ runId }) => runId,
  );
  const visit = (row: PastQuestion): void => {
    for (const { asked } of byRun.get(row.runId) ?? [])
      needed.get(asked)?.add(row, asked.runs.get(row.runId) ?? new Map());
  };
  const observed = calls + (await everyRow((query) => history.questions(query), { look }, { signal, visit }));
  const drafts = often
    .flatMap((asked) => draftOf(asked, needed.get(asked) ?? new Needed(), { keys, look, settings }) ?? [])
    .toSorted((one, other) => other.expected.secondsPerDay - one.expected.secondsPerDay);
  return { observed, drafts: drafts.slice(0, mostDrafts) };
}

function draftOf(
  asked: Asked,
  needed: Needed,
  {
    keys,
    look,
    settings,
  }: {
    readonly keys: ReadonlyMap<string, string>;
    readonly look: HistoryLook;
    readonly settings: SnapshotExpandSettings;
  },
): ProposalDraft | null {
  const place = keys.get(asked.tool);
  const share = needed.questions === 0 ? 0 : needed.spared / needed.questions;
  if (place === undefined || needed.spared === 0 || share < settings.minNeeded) return null;
  const picked = pickOf(asked, needed, settings);
  if (picked === null) return null;
  const { pick, type, everyS, stale } = picked;
  const input = JSON.parse(asked.input) as SnapshotField['input'];
  const value: SnapshotField = { tool: asked.tool, input, pick, everyS, type };
  // Of the runs that were kept, scaled to all that asked.
  const scale = asked.count / needed.questions;
  const title = `a field of the snapshot for ${pick === '' ? 'what' : `${pick} of`} ${asked.tool} answers`;
  return {
    identity: { tool: asked.tool, input: asked.input },
    change: { kind: fieldKind, key: keyOf(place, asked.input), value },
    title,
    why: [
      `${asked.tool} was asked ${asked.input} ${asked.count} times, and ${percent(share)} of the questions called nothing else.`,
      `The value would be read every ${everyS} s; ${percent(stale)} of its readings would be out of date before the next.`,
    ].join('\n'),
    evidence: { size: asked.count, samples: needed.samples },
    baseline: [
      { name: 'calls', before: asked.count, after: null, samples: asked.count },
      { name: 'needed_nothing_else', before: rounded(share), after: null, samples: needed.questions },
      { name: 'stale_share', before: rounded(stale), after: null, samples: asked.read },
    ],
    expected: {
      microUsdPerDay: Math.round(perDay(needed.microUsd * scale, look)),
      secondsPerDay: rounded(perDay((needed.ms * scale) / 1_000, look)),
    },
  };
}

/**
 * The field of the answer that the questions were about: the one that their answers say most often, steady in type and
 * slow enough to be read ahead. Where there is but one, there is no choice.
 */
function pickOf(
  asked: Asked,
  needed: Needed,
  { maxStale }: SnapshotExpandSettings,
): (Pick<SnapshotField, 'pick' | 'type' | 'everyS'> & { readonly stale: number }) | null {
  const steady = steadyFields(asked);
  const said = steady
    .map(([path, field]) => ({ path, field, said: needed.said.get(path) ?? 0 }))
    .filter((each) => steady.length === 1 || each.said * 2 >= needed.spared)
    .toSorted((one, other) => other.said - one.said);
  for (const { path, field } of said) {
    const everyS = cadenceFor(field.changes, maxStale);
    if (everyS !== null)
      return { pick: path, type: field.type, everyS, stale: field.changes.staleAt(everyS) ?? 1 };
  }
  return null;
}

/** The longest place that leaves room for what tells inputs apart: a field's name has 64 characters at most. */
const longestPlace = 'learned.'.length + 55;

/** The tool's own place for the plain question; another for each input beside it. */
function keyOf(place: string, input: string): string {
  if (input === '{}') return place;
  return `${place.slice(0, longestPlace)}_${createHash('sha256').update(input).digest('hex').slice(0, 8)}`;
}
