import { phrasebookSchema, type PhrasebookView } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { Button } from '../../kit/button.tsx';
import { Facet } from '../../kit/facets.tsx';
import { PanelHold } from '../../kit/hold.tsx';
import { Panel } from '../../kit/panel.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Code, Line } from '../../kit/text.tsx';
import { FilterBox, Page } from '../../shell/page.tsx';
import { matches, useFilter } from '../../shell/query.ts';
import { useDetail } from '../../store/detail.ts';
import { useScope } from '../../store/use-deeds.ts';
import type { PanelView } from '../../store/view.ts';
import { Editor } from './editor.tsx';
import { HistoryPanel } from './history.tsx';
import { Origin } from './lookup.tsx';
import { phrasebookEvents, Tester } from './tester.tsx';

export const phrasebookFilterKeys = ['q', 'origin', 'version'] as const;

/** What is answered for nothing: every known question, its answer, and where it came from. */
export function PhrasebookPage(): ReactNode {
  const [filter, change] = useFilter(phrasebookFilterKeys);
  const path = /^\d+$/.test(filter.version) ? `/api/phrasebook?version=${filter.version}` : '/api/phrasebook';
  return (
    <Page
      title="Phrasebook"
      tools={<FilterBox label="Pattern, reply, category" value={filter.q} onChange={(q) => change({ q })} />}
    >
      <PanelHold>
        <Tester />
      </PanelHold>
      <Book key={path} path={path} filter={filter} change={change} />
    </Page>
  );
}

interface BookProps {
  readonly path: string;
  readonly filter: { readonly q: string; readonly origin: string };
  readonly change: (part: { readonly origin?: string }) => void;
}

function Book({ path, filter, change }: BookProps): ReactNode {
  const { data: book, view } = useDetail(path, phrasebookSchema, phrasebookEvents);
  const [editing, setEditing] = useState(false);
  return (
    <>
      {editing && book !== null ? (
        <Editor book={book} close={() => setEditing(false)} />
      ) : (
        <Entries
          book={book}
          view={view}
          filter={filter}
          tools={
            <>
              <Facet
                first
                label="Origin"
                value={filter.origin}
                choices={origins}
                onChange={(origin) => change({ origin })}
              />
              {book === null ? null : <Standing book={book} edit={() => setEditing(true)} />}
            </>
          }
        />
      )}
      <HistoryPanel inForce={book?.inForce === true ? book.version : null} />
    </>
  );
}

const origins = [
  { value: 'operator', title: 'yours' },
  { value: 'learned', title: 'learned' },
  { value: 'base', title: 'came with Kora' },
];

/** Which version is looked at; only the one in force can be written on. */
function Standing({ book, edit }: { readonly book: PhrasebookView; readonly edit: () => void }): ReactNode {
  const may = useScope('admin');
  if (book.inForce)
    return (
      <>
        <span className="text-dim">version {book.version}, in force</span>
        {may ? <Button onClick={edit}>Edit yours</Button> : null}
      </>
    );
  return (
    <span className="text-paused">
      version {book.version}, not in force:{' '}
      <Link href="/phrasebook" className="underline">
        the one that is
      </Link>
    </span>
  );
}

type Row = PhrasebookView['entries'][number];

interface EntriesProps {
  readonly book: PhrasebookView | null;
  readonly view: PanelView;
  readonly filter: { readonly q: string; readonly origin: string };
  readonly tools: ReactNode;
}

function Entries({ book, view, filter, tools }: EntriesProps): ReactNode {
  const all = book?.entries ?? [];
  const rows = all.filter(
    (row) =>
      matches(filter.q, row.pattern, row.reply, row.category, row.description) &&
      (filter.origin === '' || row.origin === filter.origin),
  );
  const here = view.state === 'ready' && rows.length === 0 ? { ...view, state: 'empty' as const } : view;
  return (
    <Panel
      title="Entries"
      count={rows.length}
      view={here}
      whenEmpty={all.length === 0 ? 'Nothing is answered without thinking.' : 'No entry matches the filter.'}
      tools={tools}
      rows={8}
    >
      <Table
        caption="Entries, in the order in which they are asked"
        columns={columns}
        rows={rows}
        keyOf={(row) => `${row.origin} ${row.index}`}
      />
    </Panel>
  );
}

const columns: readonly Column<Row>[] = [
  { name: '#', cell: (row) => row.index, align: 'end' },
  { name: 'Origin', cell: (row) => <Origin origin={row.origin} />, from: 'sm' },
  {
    name: 'Pattern',
    cell: (row) => (
      <>
        <Code className="block truncate">{row.pattern}</Code>
        {row.problem === null ? null : (
          <span className="text-stopped">
            not used: <Line>{row.problem}</Line>
          </span>
        )}
      </>
    ),
    wide: true,
  },
  {
    name: 'Reply',
    cell: (row) =>
      row.reply === null ? (
        <span className="text-dim">left to whoever thinks</span>
      ) : (
        <Line className="block max-w-[60ch] truncate">{row.reply}</Line>
      ),
    from: 'sm',
  },
  { name: 'Category', cell: (row) => <Line className="text-dim">{row.category}</Line>, from: 'md' },
];
