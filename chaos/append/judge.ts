/** What is left in the store after the last kill, and what the outside was told. */
export interface AppendFacts {
  /** Keys whose acknowledgement was heard, in the order of each lane. */
  readonly acknowledged: readonly string[];
  readonly events: readonly { readonly seq: number; readonly type: string; readonly key: string }[];
  readonly business: readonly string[];
  /** In the order in which the rows were written. */
  readonly seen: readonly { readonly consumer: string; readonly seq: number }[];
  readonly verified: { readonly ok: boolean; readonly checked: number; readonly detail?: string | undefined };
  readonly headSeq: number;
}

const laws: readonly ((facts: AppendFacts) => string[])[] = [
  acknowledgedOnce,
  nothingTwice,
  lanesInOrder,
  rowsWithTheirEvents,
  chainHolds,
  cursorsExact,
];

/** Everything that a run broke; empty when it kept every law. */
export function judgeAppends(facts: AppendFacts): string[] {
  return laws.flatMap((law) => law(facts));
}

function acknowledgedOnce({ acknowledged, events }: AppendFacts): string[] {
  const there = new Set(events.map(({ key }) => key));
  return acknowledged.flatMap((key) => (there.has(key) ? [] : [`${key} was acknowledged and is not there`]));
}

/** Also what was never acknowledged may be there; once. */
function nothingTwice({ events }: AppendFacts): string[] {
  const seen = new Set<string>();
  return events.flatMap(({ key, seq }) => {
    if (seen.has(key)) return [`${key} is there again at ${seq}`];
    seen.add(key);
    return [];
  });
}

/** A lane appends one after the other: each was acknowledged, or given up, before the next began. */
function lanesInOrder({ events }: AppendFacts): string[] {
  const last = new Map<string, number>();
  return events.flatMap(({ key, seq }) => {
    const at = key.lastIndexOf('/');
    const lane = key.slice(0, at);
    const n = Number(key.slice(at + 1));
    const before = last.get(lane) ?? 0;
    last.set(lane, Math.max(before, n));
    return n > before ? [] : [`${key} at ${seq} comes after ${lane}/${before}`];
  });
}

function rowsWithTheirEvents({ business, events }: AppendFacts): string[] {
  const pairs = new Set(events.flatMap(({ key }) => (key.startsWith('pair/') ? [key] : [])));
  const rows = new Set(business);
  return [
    ...business.flatMap((key) => (pairs.has(key) ? [] : [`row ${key} has no event`])),
    ...[...pairs].flatMap((key) => (rows.has(key) ? [] : [`event ${key} has no row`])),
  ];
}

function chainHolds({ verified, headSeq }: AppendFacts): string[] {
  if (!verified.ok) return [`the chain does not verify: ${verified.detail}`];
  return verified.checked === headSeq ? [] : [`${verified.checked} events verified of ${headSeq}`];
}

/** Each consumer saw exactly its events, each once and in order. */
function cursorsExact({ events, seen }: AppendFacts): string[] {
  const prefixes = { all: 'chaos.', pairs: 'chaos.pair.' };
  return Object.entries(prefixes).flatMap(([consumer, prefix]) => {
    const expected = events.flatMap(({ type, seq }) => (type.startsWith(prefix) ? [seq] : []));
    const found = seen.flatMap((row) => (row.consumer === consumer ? [row.seq] : []));
    const at = expected.findIndex((seq, index) => found[index] !== seq);
    if (at === -1 && found.length === expected.length) return [];
    return [
      `${consumer} saw ${found.length} of ${expected.length} events; at ${at} it saw ${found[at]} instead of ${expected[at]}`,
    ];
  });
}
