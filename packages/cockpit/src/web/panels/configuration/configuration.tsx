import { configKeysSchema } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { Chip } from '../../kit/chip.tsx';
import { Command } from '../../kit/command.tsx';
import { Facet } from '../../kit/facets.tsx';
import { Panel } from '../../kit/panel.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Code, Line, Prose } from '../../kit/text.tsx';
import { FilterBox, Page } from '../../shell/page.tsx';
import { matches, useFilter } from '../../shell/query.ts';
import { useDetail } from '../../store/detail.ts';
import { useList, useView } from '../../store/use.ts';
import { emptied } from '../../store/view.ts';
import { PartForm } from './part-form.tsx';
import {
  changeWords,
  type ConfigKey,
  isSaid,
  partOf,
  partsOf,
  plainValue,
  pluginOf,
  valueText,
} from './rows.ts';

const filterKeys = ['q', 'part', 'said'] as const;
const stirredBy: readonly string[] = ['kora.config.', 'kora.plugin.', 'kora.boot.'];
const sayings = [{ value: 'said', title: 'said by somebody' }];

/** Every key of the configuration: what holds, who said it, what it is about, and how it is changed. */
export function ConfigurationPage(): ReactNode {
  const [{ q, part, said }, change] = useFilter(filterKeys);
  // With each heartbeat too: a file that is edited by hand is no event.
  const { data, view } = useDetail('/api/config', configKeysSchema, stirredBy, true);
  const [written, tell] = useState<ReactNode>('');
  const keys = data?.keys ?? [];
  const rows = keys.filter(
    (row) =>
      matches(q, row.key, row.means, valueText(row)) &&
      (part === '' || partOf(row.key) === part) &&
      (said === '' || isSaid(row)),
  );
  return (
    <Page
      title="Configuration"
      tools={
        <>
          <Facet
            first
            label="Part"
            value={part}
            choices={partsOf(keys).map((value) => ({ value, title: value }))}
            onChange={(next) => change({ part: next })}
          />
          <Facet label="Keys" value={said} choices={sayings} onChange={(next) => change({ said: next })} />
          <FilterBox label="Filter keys" value={q} onChange={(next) => change({ q: next })} />
        </>
      }
    >
      <p role="status" className="wrap-anywhere">
        {written}
      </p>
      {data === null || rows.length === 0 ? (
        <Panel
          title="Keys"
          view={data === null ? view : emptied(view, rows.length)}
          whenEmpty="No key matches the filter."
          rows={8}
        >
          {null}
        </Panel>
      ) : (
        <>
          <File file={data.file} problem={data.problem} />
          {partsOf(rows).map((each) => {
            const own = rows.filter(({ key }) => partOf(key) === each);
            return (
              <Panel
                key={each}
                title={each}
                view={view}
                count={own.length}
                whenEmpty=""
                tools={<PartForm part={each} config={data} onWritten={tell} />}
              >
                <Table caption={`Keys of ${each}`} rows={own} keyOf={({ key }) => key} columns={columns} />
              </Panel>
            );
          })}
        </>
      )}
      <Blocks />
    </Page>
  );
}

interface FileProps {
  readonly file: string | null;
  readonly problem: string | null;
}

function File({ file, problem }: FileProps): ReactNode {
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
      {file === null ? (
        <span className="text-dim">no file: what is usual holds</span>
      ) : (
        <Code className="max-w-full truncate text-dim">{file}</Code>
      )}
      <Command>kora config validate</Command>
      {problem === null ? null : <Prose className="text-stopped">{problem}</Prose>}
    </span>
  );
}

const columns: readonly Column<ConfigKey>[] = [
  { name: 'Key', cell: ({ key }) => <Key name={key} /> },
  { name: 'Value', cell: (row) => <Value row={row} /> },
  {
    name: 'Said by',
    cell: (row) => <Chip tone={isSaid(row) ? 'active' : 'dim'}>{row.origin}</Chip>,
  },
  { name: 'Change holds', from: 'md', cell: (row) => changeWords(row.class) },
  {
    name: 'Is about',
    wide: true,
    cell: ({ means }) =>
      means === null ? (
        <span className="text-dim">nothing is written about it</span>
      ) : (
        <Line className="block truncate text-dim">{means}</Line>
      ),
  },
  { name: 'By a page', from: 'lg', cell: (row) => <ByPage row={row} /> },
];

/** The block of a plugin leads to the form made from its schema. */
function Key({ name }: { readonly name: string }): ReactNode {
  const plugin = pluginOf(name);
  if (plugin === null) return <Code>{name}</Code>;
  return (
    <Link href={`/panels/${encodeURIComponent(plugin)}`} className="text-active underline">
      <Code>{name}</Code>
    </Link>
  );
}

function Value({ row }: { readonly row: ConfigKey }): ReactNode {
  const text = valueText(row);
  if (row.hidden) return <span className="text-dim">secret, {text}</span>;
  return (
    <span className="flex flex-col">
      <Code className="max-w-72 truncate">{text}</Code>
      {row.waits ? (
        <span className="text-xs text-paused">
          the file says <Code className="max-w-60 truncate">{plainValue(row.inFile)}</Code>, at the next start
        </span>
      ) : null}
      {isSaid(row) && plainValue(row.usual) !== text ? (
        <span className="text-xs text-dim">
          usually <Code className="max-w-60 truncate">{plainValue(row.usual)}</Code>
        </span>
      ) : null}
    </span>
  );
}

/** Whether a page may write it; where it may not, why, and the command that does. */
function ByPage({ row }: { readonly row: ConfigKey }): ReactNode {
  if (row.closed === null) return 'yes';
  return (
    <span className="flex flex-col">
      <Line className="block max-w-64 truncate text-xs text-dim">{`no: ${row.closed}`}</Line>
      <Command>{row.command}</Command>
    </span>
  );
}

/** Plugins are configured on their own pages, by forms made from their schemas. */
function Blocks(): ReactNode {
  const plugins = useList('plugins') ?? [];
  const view = useView('plugins', plugins.length === 0);
  return (
    <Panel title="Settings of plugins" view={view} count={plugins.length} whenEmpty="No plugin is installed.">
      <ul className="flex flex-wrap gap-x-4 gap-y-1 px-3 py-3">
        {plugins.map(({ id }) => (
          <li key={id}>
            <Link href={`/panels/${encodeURIComponent(id)}`} className="text-active underline">
              <Line>{id}</Line>
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
