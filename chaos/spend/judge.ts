import { costOfOne, questionIn } from './facts.ts';
import type { SpendFacts } from './facts.ts';

/** The one reason for which a reservation is given back by itself: nothing was sent. */
const notMade = 'the call was not made';

/** Each law of money that a run broke, in words. */
export function judgeSpend(facts: SpendFacts): string[] {
  return [
    ...neverBehindTheBill(facts),
    ...neverPastThePool(facts),
    ...balanceIsTheSum(facts),
    ...eachCallOnce(facts),
    ...recordsAgree(facts),
    ...questionsOnce(facts),
    ...atTheEdge(facts),
  ];
}

/** What the provider may ask money for is spent or reserved, at every moment at which a runtime lay dead. */
function neverBehindTheBill({ looks }: SpendFacts): string[] {
  return looks.flatMap(({ where, asked, spent, reserved }) => {
    const bill = asked * costOfOne;
    return bill <= spent + reserved
      ? []
      : [`${where}: the bill is ${bill}, and the journal knows of ${spent} spent and ${reserved} reserved`];
  });
}

/** From its first entry on: spent and reserved, never above the pool. */
function neverPastThePool({ entries, poolMicroUsd, edge }: SpendFacts): string[] {
  const broken: string[] = [];
  let [spent, reserved] = [0, 0];
  let allowed = Number.POSITIVE_INFINITY;
  for (const [n, entry] of entries.entries()) {
    spent += entry.spent;
    reserved += entry.reserved;
    // The pool is lowered to its edge once, by the last start.
    if (entry.kind === 'pool') allowed = allowed === Number.POSITIVE_INFINITY ? poolMicroUsd : edge.fits;
    if (entry.kind === 'reserve' && spent + reserved > allowed)
      broken.push(`entry ${n}: ${spent} spent and ${reserved} reserved of ${allowed}`);
  }
  return broken;
}

/** The balance that everybody asks is the sum of the journal. */
function balanceIsTheSum({ entries, looks }: SpendFacts): string[] {
  const last = looks.at(-1) ?? { spent: Number.NaN, reserved: Number.NaN };
  const sum = (of: 'spent' | 'reserved'): number => entries.reduce((all, entry) => all + entry[of], 0);
  return (['spent', 'reserved'] as const).flatMap((of) =>
    last[of] === sum(of) ? [] : [`the balance says ${last[of]} ${of}, the journal ${sum(of)}`],
  );
}

/** A call is reserved once, settled at most once, at what the provider counted, and never given back once it was sent. */
function eachCallOnce({ entries }: SpendFacts): string[] {
  const broken: string[] = [];
  const byCall = new Map<string, { reserved: number; settled: number; released: number }>();
  for (const { kind, callId, spent, reserved, reason } of entries) {
    if (callId === null) continue;
    const call = byCall.get(callId) ?? { reserved: 0, settled: 0, released: 0 };
    byCall.set(callId, call);
    if (kind === 'reserve') call.reserved += 1;
    if (kind === 'settle') {
      call.settled += 1;
      // A call that was cut off counts what was set aside for it.
      if (spent !== costOfOne && spent !== -reserved) broken.push(`call ${callId} was settled at ${spent}`);
    }
    if (kind === 'release' && reason !== notMade) broken.push(`call ${callId} was given back: ${reason}`);
  }
  for (const [callId, { reserved, settled }] of byCall)
    if (reserved !== 1 || settled > 1)
      broken.push(`call ${callId}: ${reserved} times reserved, ${settled} settled`);
  return broken;
}

/** What the runs say they cost is what the journal says, and no run is left open. */
function recordsAgree({ entries, calls, runs }: SpendFacts): string[] {
  const reservations = entries.filter(({ kind, callId }) => kind === 'reserve' && callId !== null).length;
  const settlements = entries.filter(({ kind }) => kind === 'settle');
  const told = calls.filter(({ costMicroUsd }) => costMicroUsd !== null);
  const known = settlements.reduce((sum, { spent }) => sum + spent, 0);
  const said = told.reduce((sum, { costMicroUsd }) => sum + (costMicroUsd ?? 0), 0);
  return [
    ...(calls.length <= reservations
      ? []
      : [`${calls.length} calls on record, ${reservations} reservations`]),
    ...(said <= known ? [] : [`the runs say ${said}, the journal says ${known}`]),
    ...runs.flatMap(({ runId, status }) => (status === 'open' ? [`run ${runId} was left open`] : [])),
  ];
}

/** A question is answered once; the provider is asked for it no more often than calls of it are on record and paid. */
function questionsOnce({ runs, calls, entries, asked, answered }: SpendFacts): string[] {
  const byQuestion = new Map<string, { calls: number; paid: number; answered: number }>();
  const paidBy = paidCalls(entries);
  for (const { question, status, runId } of runs) {
    const name = questionIn(question);
    const one = byQuestion.get(name) ?? { calls: 0, paid: 0, answered: 0 };
    const made = calls.filter((call) => call.runId === runId).length;
    byQuestion.set(name, {
      calls: one.calls + made,
      paid: one.paid + (paidBy.get(runId) ?? 0),
      answered: one.answered + (status === 'answered' ? 1 : 0),
    });
  }
  return [
    ...[...asked].flatMap(([name, times]) => {
      const { calls, paid } = byQuestion.get(name) ?? { calls: 0, paid: 0 };
      return [
        ...(times <= calls
          ? []
          : [`${name} was asked ${times} times, and ${calls} calls of it are on record`]),
        ...(times <= paid
          ? []
          : [`${name} was asked ${times} times, and there is money set aside for ${paid}`]),
      ];
    }),
    ...[...byQuestion].flatMap(([name, one]) =>
      one.answered > 1 ? [`${name} has ${one.answered} answers on record`] : [],
    ),
    ...answered.flatMap((name) =>
      byQuestion.get(name)?.answered === 1 ? [] : [`the answer to ${name} is not on record`],
    ),
  ];
}

/** By run, calls that were reserved and not given back: the journal names a call by its run. */
function paidCalls(entries: SpendFacts['entries']): Map<string, number> {
  const paid = new Map<string, number>();
  for (const { kind, callId } of entries) {
    const runId = callId?.split(':')[0] ?? '';
    if (kind === 'reserve') paid.set(runId, (paid.get(runId) ?? 0) + 1);
    if (kind === 'release') paid.set(runId, (paid.get(runId) ?? 0) - 1);
  }
  return paid;
}

/** Of the last questions as many were asked as the pool fitted, and the others were refused. */
function atTheEdge({ edge }: SpendFacts): string[] {
  return edge.asked > 0 && edge.refused > 0
    ? []
    : [`at the edge ${edge.asked} were asked and ${edge.refused} refused: the pool was never met`];
}
