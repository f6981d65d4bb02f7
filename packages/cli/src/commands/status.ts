import type { Effect, HoldRow, Status, StopInForce } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import { rampFacts, spendWords } from './cost.ts';
import type { Console } from '../output/console.ts';
import { plain, tint } from '../output/style.ts';
import { ago, span, unknown } from '../output/time.ts';

export const status: Run = async ({ client, input, out }) => {
  const api = await client();
  const now = await api.status();
  if (!input.on('effects')) {
    out.result(now, () => statusLines(now, out));
    return 'ok';
  }
  const effects = await api.effects();
  out.result({ ...now, effects }, () => [...statusLines(now, out), '', ...effectLines(effects)]);
  return 'ok';
};

function statusLines(now: Status, out: Console): readonly string[] {
  const { style } = out;
  const head = [
    style.strong(tint(style, now.primaryState)),
    `claims ${now.claimPermission.replace('_', ' ')}`,
    `up ${span(now.uptimeMs)}`,
    `kora ${now.version}`,
    `pid ${now.pid}`,
  ];
  return [head.join('  '), ...out.facts(factsOf(now, out)), ...mendLines(now, out)];
}

function factsOf(now: Status, out: Console): (readonly [string, string])[] {
  const { daemons, tickets, probes, chain, spend } = now;
  const degraded = now.degradationReasons.length === 0 ? 'nothing' : now.degradationReasons.join(', ');
  return [
    ['home', `${now.home}  (workspace ${now.workspace})`],
    ['store', now.store],
    ['identity', now.identity ?? 'none'],
    ...(now.guestUrl === null ? [] : [['guest pages', now.guestUrl] as const]),
    ['degraded by', degraded],
    ['stop', now.stop === null ? 'none' : stopWords(now.stop, out.now)],
    ...holdFacts(now.holds, out.now),
    ['approvals', approvalWords(now.approvalsWaiting)],
    ['decisions', decisionWords(now.decisionsWaiting)],
    ['daemons', `${daemons.running} running, ${daemons.failed} failed, ${daemons.quarantined} quarantined`],
    ['tickets', tickets === null ? unknown : ticketWords(tickets)],
    [
      'probes',
      probes === null
        ? unknown
        : `${probes.total} watched, ${probes.failing} failing, ${probes.unknown} unknown`,
    ],
    ['incidents', now.openIncidents === null ? unknown : `${now.openIncidents} open`],
    ['spend', spend === null ? unknown : spendWords(spend)],
    ...(spend === null ? [] : rampFacts(spend, out.now)),
    ['chain', chain === null ? unknown : chainWords(chain, out.now)],
  ];
}

function chainWords({ seq, unsealed, lastCheckpoint }: NonNullable<Status['chain']>, now: number): string {
  const signed = lastCheckpoint === null ? 'no checkpoint' : `checkpoint ${ago(lastCheckpoint, now)}`;
  return `seq ${seq}, ${unsealed} unsealed, ${signed}`;
}

function ticketWords(tickets: NonNullable<Status['tickets']>): string {
  const { queued, in_progress: working, deferred, failed_or_blocked: stuck } = tickets;
  return `${queued} queued, ${working} in progress, ${deferred} deferred, ${stuck} failed or blocked`;
}

function holdFacts(holds: readonly HoldRow[], now: number): (readonly [string, string])[] {
  if (holds.length === 0) return [['holds', 'none']];
  return holds.map((hold, index) => [index === 0 ? 'holds' : '', holdWords(hold, now)] as const);
}

function approvalWords(waiting: number): string {
  return waiting === 0 ? 'none waiting' : `${waiting} waiting for you: kora approval list`;
}

function decisionWords(waiting: number): string {
  return waiting === 0 ? 'none waiting' : `${waiting} waiting for you: kora decision list`;
}

/** `#4 operator, 3 min ago: deploying (ends in 57 min)`; with its owner where that is somebody else. */
export function holdWords({ holdId, cause, owner, since, reason, expiresAt }: HoldRow, now: number): string {
  const by = owner === cause ? '' : ` by ${plain(owner)}`;
  return `#${holdId} ${cause}${by}, ${ago(since, now)}: ${plain(reason)}${endWords(expiresAt, now)}`;
}

/** `L2 by operator (api), 3 min ago: a deploy`. */
export function stopWords({ level, by, via, since, reason, expiresAt }: StopInForce, now: number): string {
  return `L${level} by ${plain(by)} (${via}), ${ago(since, now)}: ${plain(reason)}${endWords(expiresAt, now)}`;
}

function endWords(expiresAt: string | null, now: number): string {
  return expiresAt === null ? '' : ` (ends ${ago(expiresAt, now)})`;
}

/** What lets it go on, in one line; none where nothing is held. */
export function mendLines(now: Pick<Status, 'stopLevel' | 'holds'>, { style }: Console): readonly string[] {
  const mend = mendOf(now);
  return mend === undefined ? [] : [style.dim(`go on with: ${mend}`)];
}

function mendOf({ stopLevel, holds }: Pick<Status, 'stopLevel' | 'holds'>): string | undefined {
  const bare = "kora resume --reason '...'";
  if (stopLevel > 0) return bare;
  // What nothing but the bare one lifts comes first, and money last: it goes with the month.
  const [first] = holds.toSorted((a, b) => order[a.cause] - order[b.cause]);
  if (first === undefined) return undefined;
  if (first.cause === 'operator') return bare;
  return first.cause === 'cost' ? 'kora cost' : `kora resume --hold ${first.holdId} --reason '...'`;
}

const order = { operator: 0, dr: 1, chain: 2, cost: 3 } as const;

function effectLines(effect: Effect, first = '', rest = ''): string[] {
  const last = effect.children.length - 1;
  const below = effect.children.flatMap((child, index) =>
    effectLines(
      child,
      `${rest}${index === last ? '└─ ' : '├─ '}`,
      `${rest}${index === last ? '   ' : '│  '}`,
    ),
  );
  return [`${first}${plain(effect.label)}`, ...below];
}
