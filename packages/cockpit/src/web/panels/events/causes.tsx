import { causesSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { z } from 'zod';
import { plain } from '../../kit/plain.ts';
import { Clock, Code, Line } from '../../kit/text.tsx';
import { useDetail } from '../../store/detail.ts';

type Causes = z.infer<typeof causesSchema>;
type Step = Causes['steps'][number];

const nothing: readonly string[] = [];

/** How an event came about, from the first cause down to it, and what followed from it. */
export function Causes({ seq }: { readonly seq: number }): ReactNode {
  const { data, view } = useDetail(`/api/chain-events/${seq}/causes`, causesSchema, nothing);
  if (data === null) {
    return view.state === 'unavailable' || view.state === 'forbidden' ? (
      <p className="text-stale">What caused it is not known: {plain(view.message)}</p>
    ) : (
      <p className="text-dim">Looking for its causes…</p>
    );
  }
  const { steps, followed, more } = data;
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <section aria-label={`What caused event ${seq}`} className="min-w-0">
        <h3 className="text-xs text-dim">What caused it</h3>
        {steps.length > 1 ? <Way steps={steps} here={seq} /> : null}
        <End causes={data} />
      </section>
      <section aria-label={`What event ${seq} caused`} className="min-w-0">
        <h3 className="text-xs text-dim">What it caused</h3>
        {followed.length === 0 ? (
          <p className="text-dim">Nothing that is written down.</p>
        ) : (
          <Way steps={followed} here={seq} />
        )}
        {more ? <p className="text-dim">And more, which is not told here.</p> : null}
      </section>
    </div>
  );
}

/** Why the way back ends where it does. */
function End({ causes: { ended, missing, steps } }: { readonly causes: Causes }): ReactNode {
  if (ended === 'missing')
    return (
      <p className="text-stale">
        It names a cause that is not on the chain
        {missing?.pruned === true ? ' any more: the chain was pruned.' : '.'}
      </p>
    );
  if (ended === 'too_long') return <p className="text-dim">And so on: the way back is longer.</p>;
  return steps.length > 1 ? null : <p className="text-dim">It names no cause: something begins with it.</p>;
}

const links: Readonly<Record<NonNullable<Step['by']>, string>> = {
  causation: 'named as its cause',
  ticket: 'the same ticket before',
  correlation: 'the beginning of the same story',
};

interface WayProps {
  readonly steps: readonly Step[];
  /** The event that was asked about. */
  readonly here: number;
}

function Way({ steps, here }: WayProps): ReactNode {
  return (
    <ol className="mt-1 border-l border-line-strong">
      {steps.map((step) => (
        <li
          key={step.seq}
          aria-current={step.seq === here ? 'true' : undefined}
          className="relative py-0.5 pl-3 before:absolute before:top-2.5 before:-left-1 before:size-2 before:rounded-full before:bg-current aria-[current]:font-semibold"
        >
          <span className="flex flex-wrap items-baseline gap-x-2">
            <Link href={`/events?seq=${step.seq}`} className="font-mono text-xs text-active underline">
              #{step.seq}
            </Link>
            <Code>{step.type}</Code>
            <Clock at={step.occurredAt} className="text-xs text-dim" />
            {step.by === null || step.by === 'causation' ? null : (
              <span className="text-xs text-dim">by {links[step.by]}</span>
            )}
          </span>
          <Line className="block truncate text-dim">{step.words}</Line>
        </li>
      ))}
    </ol>
  );
}
