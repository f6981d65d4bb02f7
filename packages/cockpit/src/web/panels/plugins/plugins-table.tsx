import { capabilitiesSchema, type PluginRowView } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Chip } from '../../kit/chip.tsx';
import { counted } from '../../kit/format.ts';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Code, Line, Nothing } from '../../kit/text.tsx';
import { useDetail } from '../../store/detail.ts';
import { leaveOf } from './asked.ts';
import { contributionsOf } from './contributions.ts';
import { Disable } from './disable.tsx';
import { Approve } from './leave.tsx';

const stirredBy: readonly string[] = ['kora.capability.', 'kora.plugin.'];

/** Capabilities that each plugin has now; null while that is not known. */
type Granted = ReadonlyMap<string, ReadonlySet<string>> | null;

/** Every plugin in a row: what it is, what it asks for beside what it has, what came of loading it. */
export function PluginsTable({ plugins }: { readonly plugins: readonly PluginRowView[] }): ReactNode {
  const { data } = useDetail('/api/capabilities', capabilitiesSchema, stirredBy);
  const live = data?.grants.filter(({ kind, status }) => kind === 'plugin' && status === 'live') ?? null;
  const granted: Granted =
    live === null
      ? null
      : new Map(
          plugins.map(({ id }) => [
            id,
            new Set(live.filter(({ subject }) => subject === id).map(({ capability }) => capability)),
          ]),
        );
  return (
    <Table
      caption="Plugins"
      rows={plugins}
      keyOf={({ id }) => id}
      hrefOf={({ id }) => `/panels/${encodeURIComponent(id)}`}
      columns={columnsWith(granted)}
    />
  );
}

function columnsWith(granted: Granted): readonly Column<PluginRowView>[] {
  return [
    {
      name: 'Plugin',
      cell: ({ id }) => (
        <Link href={`/panels/${encodeURIComponent(id)}`} className="text-active underline">
          <Line className="font-semibold">{id}</Line>
        </Link>
      ),
    },
    { name: 'Version', cell: ({ version }) => <Code>{version === '' ? 'unknown' : version}</Code> },
    {
      name: 'Source',
      from: 'md',
      cell: ({ origin, trusted }) => (
        <span className="flex gap-1">
          <Chip>{origin}</Chip>
          <Chip>{trusted ? 'trusted' : 'not trusted'}</Chip>
        </span>
      ),
    },
    { name: 'Loaded', cell: (row) => <Loaded row={row} /> },
    {
      name: 'Asks for',
      cell: (row) => <Asked row={row} granted={granted?.get(row.id) ?? null} />,
    },
    { name: 'Brings', from: 'md', wide: true, cell: bringsWords },
    {
      name: 'Digest',
      from: 'lg',
      cell: ({ digest }) => (digest === null ? 'unknown' : <Code>{digest.slice(0, 12)}</Code>),
    },
    {
      name: 'Deed',
      align: 'end',
      cell: (row) => (
        <span className="inline-flex gap-2">
          {row.state === 'parked' || row.pending?.outcome === 'parked' ? <Approve plugin={row} /> : null}
          <Disable plugin={row} />
        </span>
      ),
    },
  ];
}

function Loaded({ row }: { readonly row: PluginRowView }): ReactNode {
  return (
    <span className="flex flex-col">
      <Mark look={lookOf('plugin', row.state)} />
      {row.reason === null ? null : <Code className="text-xs text-paused">{row.reason.code}</Code>}
      {row.pending === null ? null : (
        <span className="text-xs text-paused">
          <Code>{row.pending.version}</Code> waits
        </span>
      )}
    </span>
  );
}

interface AskedProps {
  readonly row: PluginRowView;
  readonly granted: ReadonlySet<string> | null;
}

/** What it asks for; marked is what nobody agreed to, and what was agreed to and is not granted. */
function Asked({ row, granted }: AskedProps): ReactNode {
  const asked = leaveOf(row);
  if (asked.length === 0)
    return (
      <span className="text-dim">
        <Nothing>nothing</Nothing>
      </span>
    );
  return (
    <span className="flex flex-col gap-y-1">
      {asked.map(({ capability, state }) => (
        <span key={capability} className="inline-flex items-baseline gap-1">
          <Code className={state === 'gone' ? 'text-dim' : ''}>{capability}</Code>
          {state === 'new' ? <Chip tone="paused">not agreed to</Chip> : null}
          {state === 'gone' ? <Chip>no longer asked</Chip> : null}
          {state === 'agreed' && granted !== null && !granted.has(capability) ? (
            <Chip>not granted</Chip>
          ) : null}
          {granted?.has(capability) === true ? <Chip tone="ready">granted</Chip> : null}
        </span>
      ))}
    </span>
  );
}

/** How much of what it brings: `2 daemons, 1 tool`. */
function bringsWords(row: PluginRowView): ReactNode {
  const brings = contributionsOf(row)
    .map(({ kind, names }) => ({
      kind: kind.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
      names,
    }))
    .map(({ kind, names }) =>
      kind.endsWith('ies')
        ? counted(names.length, kind.replace(/ies$/, 'y'), kind)
        : counted(names.length, kind.replace(/s$/, '')),
    );
  return brings.length === 0 ? <Nothing>nothing</Nothing> : <Line>{brings.join(', ')}</Line>;
}
