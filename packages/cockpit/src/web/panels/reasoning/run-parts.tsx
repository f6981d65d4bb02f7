import type { ReasonRunRow } from '@kora/runtime/client';
import { CircleCheck, CircleDot, CircleX, Ban, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { count, duration, unknown } from '../../kit/format.ts';
import { type Look, lookOf, Mark } from '../../kit/mark.tsx';
import { microDollars } from '../../kit/money.ts';
import { For, Line } from '../../kit/text.tsx';
import { isMeasured } from './known.ts';

const looks: Readonly<Record<ReasonRunRow['status'], Look>> = {
  open: { icon: CircleDot, word: 'running', tone: 'active' },
  answered: { icon: CircleCheck, word: 'answered', tone: 'ready' },
  incomplete: { icon: TriangleAlert, word: 'incomplete', tone: 'paused' },
  refused: { icon: Ban, word: 'refused', tone: 'paused' },
  failed: { icon: CircleX, word: 'failed', tone: 'stopped' },
};

/** How a run ended, or that it goes on. */
export function RunMark({ run }: { readonly run: ReasonRunRow }): ReactNode {
  return <Mark look={looks[run.status]} {...(run.why === null ? {} : { title: run.why })} />;
}

/** What a model call or a tool call ended in; null: nobody said. */
export function callLook(outcome: string | null): Look {
  if (outcome === null) return lookOf('outcome', null);
  return outcome === 'ok' || outcome === 'answered'
    ? { ...looks.answered, word: outcome }
    : { ...looks.failed, word: outcome.replaceAll('_', ' ') };
}

/** How long it took, or, while it runs, how long until now. */
export function RunTook({ run }: { readonly run: ReasonRunRow }): ReactNode {
  if (run.status === 'open') return <For since={run.startedAt} className="text-active" />;
  return <span className="tabular-nums">{duration(run.receipt.durationMs)}</span>;
}

/** What it cost; what the phrasebook or nobody answered cost nothing. An estimate says so. */
export function RunCost({ run }: { readonly run: ReasonRunRow }): ReactNode {
  const { costMicroUsd, estimated } = run.receipt;
  return (
    <span className="tabular-nums" title={estimated ? 'Some of it is an estimate' : undefined}>
      {estimated ? '≈ ' : ''}
      {microDollars(isMeasured(run) ? costMicroUsd : null)}
    </span>
  );
}

/** On whose behalf: the ticket, as a way there, or the route it came by. */
export function RunSource({ run }: { readonly run: ReasonRunRow }): ReactNode {
  const route = run.route.replaceAll('_', ' ');
  if (run.ticketId === null) return <Line className="text-dim">{route}</Line>;
  return (
    <>
      <Link href={`/tickets/${run.ticketId}`} className="text-active underline">
        ticket #{run.ticketId}
      </Link>
      {run.route === 'ticket' ? null : <Line className="text-dim">{` ${route}`}</Line>}
    </>
  );
}

/** Tokens in, out and read from the cache. */
export function RunTokens({ run }: { readonly run: ReasonRunRow }): ReactNode {
  const { calls, inputTokens, outputTokens, cacheReadTokens } = run.receipt;
  if (!isMeasured(run)) return <span className="text-stale">{unknown}</span>;
  if (calls === 0) return <span className="text-dim">none</span>;
  return (
    <span className="tabular-nums" title="tokens in / out / read from the cache">
      {count(inputTokens)} / {count(outputTokens)} / {count(cacheReadTokens)}
    </span>
  );
}
