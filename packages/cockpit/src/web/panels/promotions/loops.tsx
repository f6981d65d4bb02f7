import type { ReactNode } from 'react';
import { z } from 'zod';
import { Act } from '../../kit/act.tsx';
import { Chip } from '../../kit/chip.tsx';
import { count, duration } from '../../kit/format.ts';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { Ago, Line, Prose } from '../../kit/text.tsx';
import { useDetail } from '../../store/detail.ts';
import { type PromotionLoopRow, promotionLoopSchema, promotionRunSchema } from '@kora/runtime/client';
import { promotionEvents } from './proposals.ts';

const loopsSchema = z.array(promotionLoopSchema);

/** Who proposes: how often each looks back, and what its last look came to, what it left out and why included. */
export function Loops(): ReactNode {
  const { data, view } = useDetail('/api/promotions/loops', loopsSchema, promotionEvents);
  const loops = data ?? [];
  const here = view.state === 'ready' && loops.length === 0 ? { ...view, state: 'empty' as const } : view;
  return (
    <Panel title="Loops" count={loops.length} view={here} whenEmpty="No plugin brings a loop.">
      <ul className="divide-y divide-line">
        {loops.map((loop) => (
          <li key={loop.name} className="space-y-2 p-3">
            <Loop loop={loop} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Loop({ loop }: { readonly loop: PromotionLoopRow }): ReactNode {
  const { settings } = loop;
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Line className="font-semibold">{loop.name}</Line>
        {settings.enabled ? <Chip tone="ready">on</Chip> : <Chip>off</Chip>}
        <span className="text-dim">
          every {settings.everyHours} h, over {settings.windowDays} d; trial {settings.trialHours} h
          {settings.applyLowRisk ? '; low risk is applied by itself' : ''}
        </span>
        {loop.nextRunAt === null ? null : (
          <span className="text-dim">
            next <Ago at={loop.nextRunAt} />
          </span>
        )}
        <span className="ml-auto">
          <RunNow loop={loop} />
        </span>
      </p>
      <Prose className="text-dim">{loop.means}</Prose>
      <LastRun loop={loop} />
    </>
  );
}

/** A cycle reads a month of history before it answers. */
const cycleMs = 300_000;

function RunNow({ loop }: { readonly loop: PromotionLoopRow }): ReactNode {
  if (!loop.settings.enabled) return null;
  return (
    <Act
      label="Run now"
      title={`Run the loop ${loop.name}`}
      needs="operate"
      path={`/api/promotions/loops/${encodeURIComponent(loop.name)}/run`}
      answer={promotionRunSchema}
      keyed={false}
      timeoutMs={cycleMs}
      effect="It looks back now and proposes what repeats. Nothing is changed by that."
      command={`kora promotion run ${loop.name} --reason "…"`}
    />
  );
}

function LastRun({ loop }: { readonly loop: PromotionLoopRow }): ReactNode {
  const run = loop.lastRun;
  if (run === null) return <p className="text-dim">It has not run yet.</p>;
  return (
    <div className="space-y-1">
      <p className={run.outcome === 'ok' ? '' : 'text-stopped'}>
        Last run <Ago at={run.at} />: {run.outcome}, {count(run.observed)} rows read in{' '}
        {duration(run.durationMs)}, {run.drafts} drafts, {run.proposed} proposed, {run.unchanged} known
        already.
        {run.error === null ? '' : ` ${plain(run.error)}`}
      </p>
      {run.refused.length + run.notes.length === 0 ? null : (
        <details>
          <summary className="w-fit text-xs text-dim underline">
            {run.refused.length} left out, {run.notes.length} notes
          </summary>
          <ul className="list-disc space-y-1 pl-6">
            {run.refused.map((each) => (
              <li key={`${each.title} ${each.why}`}>
                {plain(each.title)}: <span className="text-dim">{plain(each.why)}</span>
              </li>
            ))}
            {run.notes.map((note) => (
              <li key={note.key}>{plain(note.text)}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
