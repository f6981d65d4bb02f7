import { cancelledSchema, type ReasonRunDetail, reasonRunDetailSchema } from '@kora/runtime/client';
import { type ReactNode, useContext, useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { Act } from '../../kit/act.tsx';
import { Button } from '../../kit/button.tsx';
import { Markdown } from '../../kit/markdown.tsx';
import { Panel } from '../../kit/panel.tsx';
import { Code, Line, Prose } from '../../kit/text.tsx';
import { Page } from '../../shell/page.tsx';
import { PeekContext } from '../../shell/peeked.ts';
import { useFilter, writeFilter } from '../../shell/query.ts';
import { useSettings } from '../../shell/settings.ts';
import { useDetail } from '../../store/detail.ts';
import type { PanelView } from '../../store/view.ts';
import { Json } from './json.tsx';
import { Live } from './live.tsx';
import { RunFacts } from './run-facts.tsx';
import { filtered, neighbours, reasonEvents, runFilterKeys } from './runs.ts';
import { Timeline } from './timeline.tsx';
import { Tree } from './tree.tsx';
import { useRuns } from './use-runs.ts';

const keys = [...runFilterKeys, 'view'] as const;

/** One call: its strip of facts, what was asked and said, and how it went. */
export function RunPage({ id }: { readonly id: string }): ReactNode {
  const path = `/api/reason/runs/${encodeURIComponent(id)}`;
  const { data: run, view } = useDetail(path, reasonRunDetailSchema, reasonEvents, true);
  const peeked = useContext(PeekContext);
  return (
    <Page
      title="Reasoning call"
      tools={
        <>
          <Code className="text-dim">{id}</Code>
          {peeked ? null : <Neighbours id={id} />}
        </>
      }
    >
      <Panel title="Receipt" view={view} whenEmpty="" tools={run === null ? null : <Cancel run={run} />}>
        {run === null ? null : <RunFacts run={run} />}
      </Panel>
      {run === null ? null : (
        <>
          <div className="grid items-start gap-4 md:grid-cols-2">
            <Panel title="Question" view={view} whenEmpty="">
              <div className="space-y-2 p-3">
                <Prose>{run.question}</Prose>
                <Json name="What the engine was handed" value={run.inputs} />
              </div>
            </Panel>
            <Panel title="Answer" view={view} whenEmpty="">
              <Answer run={run} />
            </Panel>
          </div>
          <How run={run} view={view} />
        </>
      )}
    </Page>
  );
}

/** Ends one that runs; others have ended. */
function Cancel({ run }: { readonly run: ReasonRunDetail }): ReactNode {
  if (run.status !== 'open') return null;
  return (
    <Act
      label="Cancel"
      title="Cancel this call"
      needs="operate"
      path={`/api/reason/runs/${encodeURIComponent(run.runId)}/cancel`}
      answer={cancelledSchema}
      keyed={false}
      look="stop"
      effect="It ends where it is. What it has cost stays counted; whoever asked is told that there is no answer."
    />
  );
}

function Answer({ run }: { readonly run: ReasonRunDetail }): ReactNode {
  return (
    <div className="space-y-3 p-3">
      {run.status === 'open' ? <Live runId={run.runId} /> : null}
      {run.text === '' ? (
        run.status === 'open' ? null : (
          <p className="text-dim">It said nothing.</p>
        )
      ) : (
        <Markdown>{run.text}</Markdown>
      )}
      {run.verdict === null ? null : <Claims run={run} verdict={run.verdict} />}
      <Json name="As the engine gave it" value={run.answer} />
    </div>
  );
}

type Verdict = NonNullable<ReasonRunDetail['verdict']>;

/** What it claims, and what that rests on; what rests on nothing that was read says so. */
function Claims({ run, verdict }: { readonly run: ReasonRunDetail; readonly verdict: Verdict }): ReactNode {
  const known = new Map(run.evidence.map(({ id, what }) => [id, what]));
  return (
    <section aria-label="Verdict" className="space-y-1 border-t border-line pt-2">
      <h3 className="text-xs text-dim">
        Verdict, {Math.round(verdict.confidence * 100)} % sure by its own word
      </h3>
      <ol className="space-y-2">
        {verdict.claims.map((claim) => (
          <li key={claim.text} className={claim.proven ? '' : 'border-l-4 border-paused pl-3'}>
            <Prose>{claim.text}</Prose>
            <p className="text-xs text-dim">
              {claim.proven ? 'rests on ' : 'unproven; names '}
              {claim.evidence.length === 0
                ? 'nothing'
                : claim.evidence.map((id) => (
                    <span key={id} className="mr-2">
                      <Code>{id}</Code> <Line>{known.get(id) ?? 'not read'}</Line>
                    </span>
                  ))}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}

function How({ run, view }: { readonly run: ReasonRunDetail; readonly view: PanelView }): ReactNode {
  const [filter, change] = useFilter(keys);
  const timeline = filter.view === 'timeline';
  const calls = run.modelCalls.length + run.toolCalls.length;
  const here = calls === 0 && view.state === 'ready' ? { ...view, state: 'empty' as const } : view;
  return (
    <Panel
      title={timeline ? 'Timeline' : 'Tree'}
      count={calls}
      view={here}
      whenEmpty="No model and no tool was asked."
      tools={
        <Button data-key="view" onClick={() => change({ view: timeline ? '' : 'timeline' })}>
          {timeline ? 'As a tree' : 'As a timeline'}
        </Button>
      }
    >
      {timeline ? <Timeline run={run} /> : <Tree run={run} />}
    </Panel>
  );
}

/** The call before and the one after, in the filter the list was left with: `n` and `p`. */
function Neighbours({ id }: { readonly id: string }): ReactNode {
  const [filter] = useFilter(keys);
  const { runs } = useRuns(filter);
  const { newer, older } = neighbours(filtered(runs ?? [], filter), id);
  const query = writeFilter(filter, keys);
  const box = useRef<HTMLElement>(null);
  const settings = useSettings();
  useEffect(() => {
    if (settings.keys === 'off') return undefined;
    const listen = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      box.current?.querySelector<HTMLElement>(`[data-step="${event.key}"]`)?.click();
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, [settings.keys]);
  return (
    <nav ref={box} aria-label="Calls" className="flex gap-3 sm:ml-auto">
      <Step to={newer} query={query} name="p" says="Newer" />
      <Step to={older} query={query} name="n" says="Older" />
      <Link href={`/reasoning${writeFilter(filter, runFilterKeys)}`} className="text-active underline">
        All calls
      </Link>
    </nav>
  );
}

interface StepProps {
  readonly to: string | null;
  readonly query: string;
  readonly name: string;
  readonly says: string;
}

function Step({ to, query, name, says }: StepProps): ReactNode {
  if (to === null) return <span className="text-dim">{says}: none</span>;
  return (
    <Link
      href={`/reasoning/${encodeURIComponent(to)}${query}`}
      replace
      data-step={name}
      title={`${says} (${name})`}
      className="text-active underline"
    >
      {says}
    </Link>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, dialog') !== null;
}
