import { bootStatusSchema, type BootReport, type BootStatus, type GateReport } from '@kora/runtime/client';
import { type ReactNode, useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { count, duration } from '../../kit/format.ts';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Code, Line, Prose } from '../../kit/text.tsx';
import { toneText } from '../../kit/tone.ts';
import { Page } from '../../shell/page.tsx';
import { useFilter } from '../../shell/query.ts';
import { useDetail } from '../../store/detail.ts';
import { bootingNow } from '../../store/booting.ts';
import { bootEvents } from '../../store/sources.ts';
import { useList, useModel, useNow, useView } from '../../store/use.ts';
import type { PanelView } from '../../store/view.ts';
import { blockingAt, spokenOf } from './compare.ts';
import { Comparison } from './comparison.tsx';
import { Phases } from './phases.tsx';

/** The boot that this one stands beside. */
export const bootFilterKeys = ['beside'] as const;

/** The gates of this boot, where its time went, and the boots before. */
export function BootPage(): ReactNode {
  const [filter, change] = useFilter(bootFilterKeys);
  const boot = useList('boot');
  const view = useBootView();
  const { data, view: historyView } = useDetail('/api/boot-status', bootStatusSchema, bootEvents);
  const history = data?.history ?? [];
  return (
    <Page title="Boot">
      <Panel
        title="Gates"
        view={view}
        whenEmpty=""
        rows={6}
        tools={boot === null ? null : <Verdict boot={boot} />}
      >
        {view.state === 'stale' && boot !== null ? (
          <p className="border-b border-line px-3 py-2">
            Showing boot #{count(boot.bootId)}, the last one that this page knows, until the next one starts.
          </p>
        ) : null}
        {boot === null ? null : <Gates boot={boot} />}
      </Panel>
      <p role="status" className="sr-only">
        {boot === null ? '' : plain(spokenOf(boot, verdictOf(boot).text))}
      </p>
      {boot === null ? null : (
        <Comparison
          boot={boot}
          history={history}
          view={historyView}
          asked={filter.beside}
          ask={(beside) => change({ beside })}
        />
      )}
      <div className="grid items-start gap-4 md:grid-cols-2">
        <Panel title="Where the time went" view={view} whenEmpty="">
          {boot === null ? null : <Phases phases={boot.phases} />}
        </Panel>
        <Panel
          title="Boots"
          count={history.length}
          view={
            history.length === 0 && historyView.state === 'ready'
              ? { ...historyView, state: 'empty' }
              : historyView
          }
          whenEmpty="This is the first boot of this home."
        >
          <Table
            caption="Boots, newest first"
            columns={bootColumns}
            rows={history}
            keyOf={(row) => String(row.bootId)}
          />
        </Panel>
      </div>
    </Page>
  );
}

/** A runtime that boots is not heard by its heartbeats: what it says of its boot is true although the link counts as lost. */
function useBootView(): PanelView {
  const slice = useModel((model) => model.lists.boot);
  const booting = bootingNow(slice, useNow());
  const view = useView('boot');
  return booting === null || slice.good === null ? view : { state: 'ready', at: slice.good.receivedAt };
}

/** `11/11 passed in 0.4 s · boot #17`, or where it stopped. */
export function verdictOf(boot: BootReport): {
  readonly text: string;
  readonly tone: 'ready' | 'boot' | 'paused' | 'stopped';
} {
  const passed = boot.gates.filter((gate) => gate.outcome === 'pass').length;
  const id = boot.bootId === null ? '' : ` · boot #${boot.bootId}`;
  const score = `${passed}/${boot.gates.length}`;
  const blocking = blockingAt(boot);
  switch (boot.outcome) {
    case 'running':
      return { text: `${score} passed, booting${id}`, tone: 'boot' };
    case 'passed':
      return { text: `${score} passed in ${duration(boot.elapsedMs)}${id}`, tone: 'ready' };
    case 'paused':
      return { text: `Came up paused at gate ${blocking + 1}, ${score} passed${id}`, tone: 'paused' };
    case 'refused':
    case 'interrupted':
    case 'incomplete':
      return { text: `${boot.outcome}, ${score} passed${id}`, tone: 'stopped' };
    case 'failed':
      return { text: `Stopped at gate ${blocking + 1}, ${score} passed${id}`, tone: 'stopped' };
  }
}

function Verdict({ boot }: { readonly boot: BootReport }): ReactNode {
  const { text, tone } = verdictOf(boot);
  return <span className={`tabular-nums ${toneText[tone]}`}>{text}</span>;
}

function Gates({ boot }: { readonly boot: BootReport }): ReactNode {
  const blocking = boot.outcome === 'running' ? -1 : blockingAt(boot);
  return (
    <ol>
      {boot.gates.map((gate, index) => (
        <Gate
          key={gate.gateId}
          gate={gate}
          place={index + 1}
          blocks={index === blocking}
          outcome={boot.outcome}
        />
      ))}
    </ol>
  );
}

const classWords = {
  transient: 'is tried again',
  invariant: 'must hold',
  invariant_pause: 'else pauses',
} as const;

interface GateProps {
  readonly gate: GateReport;
  readonly place: number;
  /** The boot ended at this gate, or pauses at it. */
  readonly blocks: boolean;
  readonly outcome: BootReport['outcome'];
}

/** A gate; one that said no is told whole, and the one that the boot ended at has the focus when that is first known. */
function Gate({ gate, place, blocks, outcome }: GateProps): ReactNode {
  const failed = gate.outcome === 'fail' || gate.outcome === 'unavailable';
  const line = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (!blocks) return undefined;
    // After the page's own heading, which has the focus when one comes from another page.
    const frame = requestAnimationFrame(() => {
      const typing = document.activeElement?.closest('dialog, input, select, textarea') ?? null;
      if (typing === null) line.current?.focus();
    });
    return () => cancelAnimationFrame(frame);
  }, [blocks]);
  return (
    <li
      ref={line}
      tabIndex={failed ? -1 : undefined}
      aria-label={failed ? `Gate ${place} said no: ${plain(gate.title)}` : undefined}
      className={`border-b border-line px-3 py-2 last:border-b-0 ${failed ? 'bg-raised' : ''}`}
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <span className="w-6 text-right text-dim tabular-nums">{place}</span>
        <span className="w-28">
          <Mark look={lookOf('gate', gate.outcome)} />
        </span>
        <span className="min-w-0 max-sm:order-1 max-sm:basis-full max-sm:pl-10 md:w-96">
          <span className="block font-semibold">{plain(gate.title)}</span>
          <span className="block text-xs text-dim">
            <Code>{gate.gateId}</Code> · {classWords[gate.gateClass]}
          </span>
        </span>
        {failed || gate.outcome === 'not_reached' ? null : (
          <Line className="min-w-0 flex-1 truncate text-dim max-md:hidden">{gate.detail}</Line>
        )}
        <span className="ml-auto text-dim tabular-nums">
          {gate.attempts > 1 ? `${count(gate.attempts)} attempts, ` : ''}
          {gate.outcome === 'not_reached' ? '' : duration(gate.elapsedMs)}
        </span>
      </div>
      {failed ? (
        <div className="mt-1 space-y-1 pl-10">
          <Prose>{gate.detail}</Prose>
          {gate.fix === undefined ? null : <p className="font-mono text-xs">{plain(gate.fix)}</p>}
          {blocks && (outcome === 'failed' || outcome === 'refused') ? (
            <p className="text-dim">
              That ended the runtime. Whether it would pass now: <Code>kora boot --check-only</Code>; then{' '}
              <Code>kora up</Code>
            </p>
          ) : null}
          {/* The runtime asks the gates again by itself, once nothing holds it. */}
          {outcome === 'paused' ? (
            <p className="text-dim">
              The gates are asked again once{' '}
              <Link href="/control" className="text-active underline">
                what keeps it
              </Link>{' '}
              is lifted.
            </p>
          ) : null}
        </div>
      ) : null}
    </li>
  );
}

type PastBoot = BootStatus['history'][number];

const pastTones: Readonly<Record<string, 'ready' | 'stopped' | 'paused'>> = {
  passed: 'ready',
  failed: 'stopped',
  refused: 'stopped',
  interrupted: 'stopped',
  paused: 'paused',
};

const bootColumns: readonly Column<PastBoot>[] = [
  { name: 'Boot', cell: (row) => <span className="font-mono text-xs">#{row.bootId}</span> },
  {
    name: 'Outcome',
    cell: (row) => <span className={toneText[pastTones[row.outcome] ?? 'dim']}>{plain(row.outcome)}</span>,
  },
  { name: 'Started', cell: (row) => <Ago at={row.startedAt} /> },
  { name: 'Took', cell: (row) => duration(row.elapsedMs), align: 'end' },
  { name: 'Version', cell: (row) => <Code className="text-dim">{row.version}</Code> },
];
