import { type ReactNode, Suspense } from 'react';
import { Link } from 'wouter';
import { Chip } from '../../kit/chip.tsx';
import { count } from '../../kit/format.ts';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { Ago, For, Line } from '../../kit/text.tsx';
import { type Need, needsOf } from '../../store/needs.ts';
import { later } from '../../shell/later.ts';
import { useList, useModel, useView } from '../../store/use.ts';
import { type PanelView, worstOf } from '../../store/view.ts';

// What only a press needs comes after the first picture.
const NeedActs = later(() => import('./need-acts.tsx').then((m) => m.NeedActs));

/** How many are drawn: the worst. The page stays small however bad the day is. */
const shown = 20;

/** One list of all that waits for the operator, worst first. */
export function NeedsYou(): ReactNode {
  const lists = useModel((model) => model.lists);
  const { items, unknown } = needsOf(lists);
  const view = useNeedsView(items.length);
  return (
    <Panel
      title="Needs you"
      count={items.filter(({ taken }) => !taken).length}
      view={view}
      whenEmpty={<Peace />}
    >
      <ul>
        {items.slice(0, shown).map((need) => (
          <NeedRow key={need.key} need={need} />
        ))}
      </ul>
      {items.length <= shown ? null : (
        <p className="border-t border-line px-3 py-2 text-dim">
          And {count(items.length - shown)} more, none worse than these.
        </p>
      )}
      {unknown.length === 0 ? null : (
        <p className="border-t border-line px-3 py-2 text-stale">Not known: {unknown.join(', ')}.</p>
      )}
    </Panel>
  );
}

/** True peace, and since when: by the chain, or nothing is said of it. */
function Peace(): ReactNode {
  const last = useList('attention')?.lastClearedAt ?? null;
  return (
    <>
      Nothing needs you.{' '}
      {last === null ? (
        'Nothing has waited for you yet.'
      ) : (
        <>
          Last item cleared <Ago at={last} />.
        </>
      )}
    </>
  );
}

/** Some needs are shown as soon as they are known; "nothing" only when every list is. */
function useNeedsView(items: number): PanelView {
  const views = [
    useView('status'),
    useView('incidents'),
    useView('tickets'),
    useView('daemons'),
    useView('messages'),
    useView('approvals'),
    useView('decisions'),
    useView('attention'),
  ];
  const worst = worstOf(views);
  if (items === 0) {
    if (worst.state === 'stale') return { ...worst, wasEmpty: true };
    return worst.state === 'ready' ? { ...worst, state: 'empty' } : worst;
  }
  if (worst.state === 'ready' || worst.state === 'stale') return worst;
  return worstOf(views.filter((view) => view.state === 'ready' || view.state === 'stale'));
}

function NeedRow({ need }: { readonly need: Need }): ReactNode {
  return (
    <li
      data-row={need.href}
      tabIndex={-1}
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-2 last:border-b-0 hover:bg-raised/60"
    >
      <div className="min-w-0 flex-1 basis-64">
        <div className="flex items-center gap-3">
          <Mark look={lookOf('severity', need.severity)} />
          <Link href={need.href} className="min-w-0 truncate font-semibold hover:underline">
            <Line>{need.title}</Line>
          </Link>
          {need.taken ? <Chip>acknowledged</Chip> : null}
        </div>
        {need.detail === null ? null : <Line className="mt-0.5 block truncate text-dim">{need.detail}</Line>}
      </div>
      <span className="text-dim">
        <span className="sr-only">{need.what} for </span>
        <For since={need.since} />
      </span>
      <Suspense fallback={null}>
        <NeedActs need={need} />
      </Suspense>
    </li>
  );
}
