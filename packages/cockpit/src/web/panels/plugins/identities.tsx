import { type IdentityRow, identitySchema, receiptSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { z } from 'zod';
import { Act } from '../../kit/act.tsx';
import { Chip } from '../../kit/chip.tsx';
import { Panel } from '../../kit/panel.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Code, Line, Prose } from '../../kit/text.tsx';
import { useDetail } from '../../store/detail.ts';
import { emptied } from '../../store/view.ts';

const identitiesSchema = z.array(identitySchema);
const stirredBy: readonly string[] = ['kora.identity.', 'kora.plugin.'];

/** As whom this runtime speaks, and as whom it could. */
export function Identities(): ReactNode {
  const { data, view } = useDetail('/api/identities', identitiesSchema, stirredBy);
  const rows = data ?? [];
  return (
    <Panel
      title="Identities"
      view={data === null ? view : emptied(view, rows.length)}
      count={data?.length ?? null}
      whenEmpty="No plugin brings an identity."
    >
      <Table
        caption="Identities"
        rows={rows}
        keyOf={(row) => `${row.pluginName} ${row.name}`}
        columns={columns}
      />
      {rows
        .filter((row) => row.active)
        .map((row) => (
          <details key={row.name} className="border-t border-line px-3 py-2">
            <summary className="text-active underline">
              What <Line>{row.agentName}</Line> is told of itself
            </summary>
            <Prose className="pt-2">{row.systemPrompt}</Prose>
          </details>
        ))}
    </Panel>
  );
}

const columns: readonly Column<IdentityRow>[] = [
  {
    name: 'Identity',
    cell: (row) => (
      <span className="flex items-center gap-2">
        <Line className="font-semibold">{row.name}</Line>
        {row.active ? <Chip tone="active">speaks now</Chip> : null}
      </span>
    ),
  },
  {
    name: 'Agent',
    wide: true,
    cell: (row) =>
      row.problem === null ? (
        <Line className="block truncate">{`${row.agentName} ${row.agentVersion}`}</Line>
      ) : (
        <Line className="block truncate text-stopped">{row.problem}</Line>
      ),
  },
  { name: 'Of plugin', from: 'sm', cell: (row) => <Code>{row.pluginName}</Code> },
  { name: 'Digest', from: 'md', cell: (row) => <Code>{row.hash.slice(0, 16)}</Code> },
  {
    name: 'Deed',
    align: 'end',
    cell: (row) => (row.active || row.problem !== null ? null : <Use row={row} />),
  },
];

function Use({ row }: { readonly row: IdentityRow }): ReactNode {
  return (
    <Act
      label="Use"
      title={`Speak as ${row.name}`}
      needs="admin"
      path="/api/identities/use"
      answer={receiptSchema}
      keyed={false}
      body={() => ({ name: row.name })}
      effect="The runtime becomes this identity in this workspace, with its prompt."
      command={`kora identity use ${row.name} --reason "…"`}
    />
  );
}
