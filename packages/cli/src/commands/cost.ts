import type { Spend, SpendSliceRow, SpendStanding } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import { usage } from '../fault.ts';
import type { Console } from '../output/console.ts';
import { counted } from '../output/count.ts';
import { dollars, parseDollars } from '../output/dollars.ts';
import { plain } from '../output/style.ts';
import { ago, span } from '../output/time.ts';

const scopes = ['route', 'plugin', 'model', 'tier', 'ticket', 'incident', 'run', 'outcome', 'day'] as const;

export const cost: Run = async ({ client, input, out }) => {
  const windowMs = input.span('last');
  const by = input.choice('by', scopes) ?? (windowMs === undefined ? undefined : 'route');
  const query = { ...(by === undefined ? {} : { by }), ...(windowMs === undefined ? {} : { windowMs }) };
  const now = await (await client()).spend(query);
  out.result(now, () => costLines(now, out));
  return 'ok';
};

export const reconcile: Run = async ({ client, input, out }) => {
  const typed = input.needed('reported');
  const reason = input.needed('reason');
  const reported = parseDollars(typed);
  if (reported === undefined)
    throw usage(
      `--reported takes dollars like 12.34, not ${JSON.stringify(typed)}`,
      'kora cost reconcile --help',
    );
  const record = await (await client()).reconcileSpend(reported, reason);
  const { reportedUsd, spentBeforeUsd, raisedUsd } = record;
  out.result(record, () => [
    raisedUsd === 0
      ? `${dollars(reportedUsd)} was reported, the journal has ${dollars(spentBeforeUsd)}: it stays, and the record is kept`
      : `spend went from ${dollars(spentBeforeUsd)} to ${dollars(reportedUsd)}, up ${dollars(raisedUsd)}`,
  ]);
  return 'ok';
};

export const refresh: Run = async ({ client, input, out }) => {
  const now = await (await client()).refreshSpend(input.needed('reason'));
  const isSpent = now.rung === 'hard_stop_100';
  out.result(now, () => [
    headOf(now, out),
    isSpent ? out.style.warn(endWords) : 'spend is below the pool: nothing is held for it',
  ]);
  return isSpent ? 'budget' : 'ok';
};

export const release: Run = async ({ client, input, out }) => {
  const released = await (await client()).releaseReservation(input.argument('call'), input.needed('reason'));
  out.result(released, () => [
    `${dollars(released.releasedUsd)} of call ${plain(released.callId)} is free again`,
  ]);
  return 'ok';
};

function headOf({ rung, spentUsd, poolUsd, period }: SpendStanding, { style }: Console): string {
  const share = `${((100 * spentUsd) / poolUsd).toFixed(1)} %`;
  const paint = rung === 'normal' ? style.good : style.warn;
  return `${style.strong(paint(rung))}  ${dollars(spentUsd)} of ${dollars(poolUsd)} in ${period.slice(0, 7)}  ${share}`;
}

const endWords =
  'the pool is spent: raise spend.poolUsd in kora.json and start again, or wait for the next month';

/** At the end of the pool: what lets it go on. */
function endLines({ rung }: SpendStanding, { style }: Console): readonly string[] {
  if (rung !== 'hard_stop_100') return [];
  return ['', style.warn(endWords)];
}

function costLines(now: Spend, out: Console): readonly string[] {
  const { reservations, reconciliations, slices } = now;
  const [latest] = reconciliations;
  return [
    headOf(now, out),
    ...out.facts([
      ['models', now.effectiveTier],
      [
        'reserved',
        `${dollars(now.reservedUsd)} this month, ${withoutEnd(reservations.length)} without an end`,
      ],
      ['set aside', accountWords(now)],
      ['deferred', deferredWords(now)],
      ...rampFacts(now, out.now),
      ...paceFacts(now),
      ['last 24 h', dollars(now.spentLast24hUsd)],
      ...burnFacts(now),
      ['next month', ago(now.endsAt, out.now)],
      [
        'reconciled',
        latest === undefined
          ? 'never'
          : `${ago(latest.at, out.now)}: ${dollars(latest.reportedUsd)} reported, ${dollars(latest.spentBeforeUsd)} known`,
      ],
    ]),
    ...endLines(now, out),
    ...limitLines(now, out),
    ...refusalLines(now, out),
    ...sliceLines(slices, out),
    ...reservationLines(reservations, out),
  ];
}

function accountWords({ accounts: { open, remainingUsd } }: Spend): string {
  if (open === 0) return 'nothing for tickets in hand';
  return `${dollars(remainingUsd)} for ${open === 1 ? '1 ticket' : `${open} tickets`} in hand`;
}

function deferredWords({ deferredTickets }: SpendStanding): string {
  if (deferredTickets === 0) return 'no ticket waits for money';
  return `${deferredTickets === 1 ? '1 ticket waits' : `${deferredTickets} tickets wait`} for money`;
}

/** In one line, for `kora status`. */
export function spendWords({
  spentUsd,
  poolUsd,
  rung,
  effectiveTier,
  refusedLast24h,
}: SpendStanding): string {
  const refused = refusedLast24h === 0 ? '' : `, ${counted(refusedLast24h, 'call')} refused in the last 24 h`;
  return `${dollars(spentUsd)} of ${dollars(poolUsd)}, rung ${rung}, models ${effectiveTier}${refused}`;
}

/** Only while it lasts. */
export function rampFacts({ ramp }: Pick<SpendStanding, 'ramp'>, now: number): (readonly [string, string])[] {
  if (ramp === null) return [];
  const last = ramp.lastClaimAt === null ? '' : `, the last began ${ago(ramp.lastClaimAt, now)}`;
  return [['ramp', `one claim each 30 s, ends ${ago(ramp.until, now)}${last}`]];
}

/** What bounds spending beside the pool, where something does. */
function paceFacts({ criticalUsd, paceUsd, refusedLast24h }: SpendStanding): (readonly [string, string])[] {
  const refused = counted(refusedLast24h, 'call was', 'calls were');
  return [
    ...(criticalUsd > 0 ? [['kept', `${dollars(criticalUsd)} for critical work`] as const] : []),
    ...(paceUsd === null ? [] : [['pace', `${dollars(paceUsd)} may be spent by now`] as const]),
    ...(refusedLast24h === 0 ? [] : [['refused', `${refused} refused in the last 24 h`] as const]),
  ];
}

function burnFacts({ burn, poolUsd }: Spend): (readonly [string, string])[] {
  if (burn === null) return [];
  const share = `${((100 * burn.projectedUsd) / poolUsd).toFixed(0)} % of the pool`;
  return [
    [
      'at this rate',
      `${dollars(burn.perDayUsd)} a day, ${dollars(burn.projectedUsd)} in the month, ${share}`,
    ],
  ];
}

function limitLines({ limits }: Spend, out: Console): readonly string[] {
  if (limits.length === 0) return [];
  return [
    '',
    ...out.table(
      limits,
      [
        { title: 'limit', of: ({ scope }) => (scope === 'ticket' ? 'each ticket' : `${scope} today`) },
        { title: 'of', of: (row) => row.key, flexible: true },
        { title: 'used', of: (row) => dollars(row.usedUsd), right: true },
        { title: 'at most', of: (row) => dollars(row.limitUsd), right: true },
      ],
      '',
    ),
  ];
}

function refusalLines({ refusals }: Spend, out: Console): readonly string[] {
  if (refusals.length === 0) return [];
  return [
    '',
    ...out.table(
      refusals,
      [
        { title: 'refused in 24 h', of: (row) => row.cause },
        { title: 'caller', of: (row) => row.caller, flexible: true },
        { title: 'calls', of: (row) => String(row.count), right: true },
      ],
      '',
    ),
  ];
}

/** As many as one answer tells. */
const told = 100;

function withoutEnd(calls: number): string {
  return calls >= told ? `${told} calls or more` : counted(calls, 'call');
}

function sliceLines(slices: Spend['slices'], out: Console): readonly string[] {
  if (slices === null) return [];
  const over = slices.windowMs === null ? 'this month' : `the last ${span(slices.windowMs)}`;
  return [
    '',
    ...out.table(
      slices.rows,
      [
        { title: slices.by, of: (row) => row.key, flexible: true },
        { title: 'calls', of: (row) => String(row.calls), right: true },
        { title: 'input', of: (row) => tokens(row.inputTokens), right: true },
        { title: 'cached', of: (row) => tokens(row.cacheReadTokens), right: true },
        { title: 'output', of: (row) => tokens(row.outputTokens), right: true },
        { title: 'spent', of: spentOf, right: true },
        { title: 'escalated', of: ({ questions }) => some(questions?.escalated ?? 0), right: true },
        { title: 'answers', of: ({ questions }) => some(questions?.answered ?? 0), right: true },
        { title: 'each', of: perAnswer, right: true },
      ],
      `nothing was spent in ${over}`,
    ),
  ];
}

/** `~` before what is estimated in part. */
function spentOf({ spentUsd, estimatedCalls }: SpendSliceRow): string {
  return `${estimatedCalls > 0 ? '~' : ''}${dollars(spentUsd)}`;
}

function some(count: number): string {
  return count === 0 ? '' : String(count);
}

/** As providers counted them; `12.3k` from ten thousand on, `1.2M` from a million. */
function tokens(count: number): string {
  if (count >= 1_000_000) return `${(count / 1_000_000).toFixed(1)}M`;
  return count < 10_000 ? some(count) : `${(count / 1_000).toFixed(1)}k`;
}

/** What one useful outcome cost; nothing where there was none. */
function perAnswer({ questions, spentUsd }: SpendSliceRow): string {
  return questions === null || questions.answered === 0 ? '' : dollars(spentUsd / questions.answered);
}

function reservationLines(reservations: Spend['reservations'], out: Console): readonly string[] {
  if (reservations.length === 0) return [];
  return [
    '',
    ...out.table(
      reservations,
      [
        { title: 'call without an end', of: (row) => row.callId, flexible: true },
        { title: 'caller', of: (row) => row.caller },
        { title: 'route', of: (row) => row.route },
        { title: 'reserved', of: (row) => dollars(row.reservedUsd) },
        { title: 'since', of: (row) => ago(row.since, out.now) },
      ],
      '',
    ),
  ];
}
