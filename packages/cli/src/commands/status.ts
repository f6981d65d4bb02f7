import type { Effect, HoldRow, Status } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import type { Console } from '../output/console.ts';
import { dollars } from '../output/dollars.ts';
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
  return [head.join('  '), ...out.facts(factsOf(now, out))];
}

function factsOf(now: Status, out: Console): (readonly [string, string])[] {
  const { daemons, tickets, probes, chain, spend } = now;
  const degraded = now.degradationReasons.length === 0 ? 'nothing' : now.degradationReasons.join(', ');
  return [
    ['home', `${now.home}  (workspace ${now.workspace})`],
    ['store', now.store],
    ['identity', now.identity ?? 'none'],
    ['degraded by', degraded],
    ['stop level', now.stopLevel === 0 ? 'none' : `L${now.stopLevel}`],
    ...holdFacts(now.holds, out.now),
    ['daemons', `${daemons.running} running, ${daemons.failed} failed, ${daemons.quarantined} quarantined`],
    ['tickets', tickets === null ? unknown : ticketWords(tickets)],
    [
      'probes',
      probes === null
        ? unknown
        : `${probes.total} watched, ${probes.failing} failing, ${probes.unknown} unknown`,
    ],
    ['incidents', now.openIncidents === null ? unknown : `${now.openIncidents} open`],
    [
      'spend',
      spend === null
        ? unknown
        : `${dollars(spend.spentUsd)} of ${dollars(spend.poolUsd)}, rung ${spend.rung}, models ${spend.effectiveTier}`,
    ],
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

/** `#4 operator, 3 min ago: deploying (ends in 57 min)`. */
export function holdWords(hold: HoldRow, now: number): string {
  const end = hold.expiresAt === null ? '' : ` (ends ${ago(hold.expiresAt, now)})`;
  return `#${hold.holdId} ${hold.cause}, ${ago(hold.since, now)}: ${plain(hold.reason)}${end}`;
}

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
