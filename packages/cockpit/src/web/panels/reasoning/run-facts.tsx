import { type ReasonRunDetail, wakeSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { z } from 'zod';
import { Chip } from '../../kit/chip.tsx';
import { Fact, Facts } from '../../kit/facts.tsx';
import { count, duration, unknown } from '../../kit/format.ts';
import { microDollars } from '../../kit/money.ts';
import { Ago, Code, Line, Prose } from '../../kit/text.tsx';
import { useDetail } from '../../store/detail.ts';
import { probeEvents } from '../../store/sources.ts';
import { isMeasured } from './known.ts';
import { RunCost, RunMark, RunTook } from './run-parts.tsx';

/** The strip that stays: what it cost and took, by which model, and why by that one. */
export function RunFacts({ run }: { readonly run: ReasonRunDetail }): ReactNode {
  const { receipt } = run;
  const tokens = receipt.calls === 0 ? null : receipt;
  const none = isMeasured(run) ? 'none' : unknown;
  return (
    <div className="space-y-3 p-3">
      <Facts>
        <Fact name="Outcome">
          <RunMark run={run} />
        </Fact>
        <Fact name="Cost, dearest call / all">
          {microDollars(dearest(run))} / <RunCost run={run} />
        </Fact>
        <Fact name="Latency">
          <RunTook run={run} />
        </Fact>
        <Fact name="First word after">{duration(firstWordMs(run))}</Fact>
        <Fact name="Tokens in / out">
          {tokens === null || none === unknown
            ? none
            : `${count(tokens.inputTokens)} / ${count(tokens.outputTokens)}`}
        </Fact>
        <Fact name="Cache read / written">
          {tokens === null || none === unknown
            ? none
            : `${count(tokens.cacheReadTokens)} / ${count(tokens.cacheWriteTokens)}`}
        </Fact>
        <Fact name="Model">
          {receipt.model === null ? (
            run.by === 'phrasebook' ? (
              `none: version ${receipt.phrasebookVersion ?? 'unknown'} of the phrasebook`
            ) : (
              none
            )
          ) : (
            <>
              {receipt.tier === null ? '' : `${receipt.tier} → `}
              <Code>{receipt.model}</Code>
            </>
          )}
        </Fact>
        <Fact name="Route">
          <Line>{run.route.replaceAll('_', ' ')}</Line>
        </Fact>
        <Fact name="Why this model">
          {receipt.routing === null ? (
            <span className="text-dim">no router said</span>
          ) : (
            <Line>{receipt.routing}</Line>
          )}
        </Fact>
        <Fact name="Rung of the ladder">
          <Link href="/cost" className="text-active underline">
            <Line>{receipt.rung.replaceAll('_', ' ')}</Line>
          </Link>
        </Fact>
        <Fact name="Asked by">
          <Line>{run.asker}</Line>
        </Fact>
        <Fact name="Woken by">
          <Line>{receipt.wake}</Line>
        </Fact>
        <Fact name="Began">
          <Ago at={run.startedAt} />
        </Fact>
        {receipt.promptVersion === null ? null : (
          <Fact name="Prompt">
            <Code>{receipt.promptVersion}</Code>
          </Fact>
        )}
        {receipt.identityHash === null ? null : (
          <Fact name="Identity">
            <Code>{receipt.identityHash.slice(0, 16)}</Code>
          </Fact>
        )}
      </Facts>
      <Chips run={run} />
      {run.why === null ? null : <Prose className="text-paused">{run.why}</Prose>}
      {run.error === null ? null : <Code className="text-stopped">{run.error}</Code>}
      {run.refusal === null ? null : (
        <p className="text-paused">
          Refused at the door: <Line>{run.refusal.cause.replaceAll('_', ' ')}</Line>
        </p>
      )}
      {run.forgottenAt === null ? null : (
        <p className="text-dim">
          All but this receipt was forgotten <Ago at={run.forgottenAt} />.
        </p>
      )}
    </div>
  );
}

/** What the dearest of its calls cost; null where one of them never said, or none has yet. */
function dearest(run: ReasonRunDetail): number | null {
  if (!isMeasured(run)) return null;
  const { modelCalls } = run;
  const costs = modelCalls.map((call) => call.costMicroUsd);
  return costs.some((cost) => cost === null) ? null : Math.max(0, ...costs.filter((cost) => cost !== null));
}

function firstWordMs({ modelCalls }: ReasonRunDetail): number | null {
  return modelCalls.find((call) => call.firstTokenMs !== null)?.firstTokenMs ?? null;
}

/** Where it came from, each as a way there. */
function Chips({ run }: { readonly run: ReasonRunDetail }): ReactNode {
  return (
    <p className="flex flex-wrap gap-2">
      {run.ticketId === null ? null : <FromWake ticketId={run.ticketId} />}
      {run.ticketId === null ? null : (
        <>
          <Link href={`/tickets/${run.ticketId}`}>
            <Chip tone="active">for ticket #{run.ticketId}</Chip>
          </Link>
          <Link href={`/reasoning?ticket=${run.ticketId}`}>
            <Chip>all calls for it</Chip>
          </Link>
        </>
      )}
      {run.conversationId === null ? null : <Chip>conversation {run.conversationId}</Chip>}
      {run.engine === null ? null : (
        <Chip>
          engine <Line>{run.engine}</Line>
        </Chip>
      )}
    </p>
  );
}

const wakesSchema = z.array(wakeSchema);

/** The wake whose ticket this was thought for. Joined by the wake's id: a probe's name repeats. */
function FromWake({ ticketId }: { readonly ticketId: number }): ReactNode {
  const { data } = useDetail(`/api/wakes?limit=1&ticket=${ticketId}`, wakesSchema, probeEvents);
  const [wake] = data ?? [];
  if (wake === undefined) return null;
  return (
    <Link href={`/wakes/${encodeURIComponent(wake.wakeId)}`}>
      <Chip tone="active">
        from wake <Line>{wake.wakeId}</Line>
      </Chip>
    </Link>
  );
}
