import { type GrantRow, grantSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Act } from '../../kit/act.tsx';
import { Chip } from '../../kit/chip.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Code, Line } from '../../kit/text.tsx';

/** Every grant with who gave it and why; a live one can be taken back. */
export function GrantsTable({ grants }: { readonly grants: readonly GrantRow[] }): ReactNode {
  return <Table caption="Grants" rows={grants} keyOf={(row) => String(row.grantId)} columns={columns} />;
}

/** As the command line names a subject. */
function subjectOf({ kind, subject }: GrantRow): string {
  return `${kind}:${subject}`;
}

const tones = { live: 'ready', expired: 'dim', revoked: 'stopped' } as const;

const columns: readonly Column<GrantRow>[] = [
  { name: 'Grant', align: 'end', cell: (row) => `#${row.grantId}` },
  { name: 'Capability', cell: (row) => <Code>{row.capability}</Code> },
  { name: 'To', cell: (row) => <Code>{subjectOf(row)}</Code> },
  { name: 'Is', cell: (row) => <Chip tone={tones[row.status]}>{row.status}</Chip> },
  { name: 'Since', from: 'sm', cell: (row) => <Ago at={row.since} /> },
  { name: 'Until', from: 'sm', cell: (row) => <Until row={row} /> },
  { name: 'By', from: 'md', cell: (row) => <Line>{row.by}</Line> },
  { name: 'Why', wide: true, cell: (row) => <Line className="block truncate">{why(row)}</Line> },
  { name: 'Deed', align: 'end', cell: (row) => (row.status === 'live' ? <Revoke row={row} /> : null) },
];

function Until({ row }: { readonly row: GrantRow }): ReactNode {
  if (row.status === 'revoked') return <Ago at={row.revokedAt} />;
  return row.expiresAt === null ? <span className="text-dim">no end</span> : <Ago at={row.expiresAt} />;
}

function why({ reason, revokeReason, revokedBy }: GrantRow): string {
  return revokeReason === null
    ? reason
    : `${reason}; taken back by ${revokedBy ?? 'unknown'}: ${revokeReason}`;
}

function Revoke({ row }: { readonly row: GrantRow }): ReactNode {
  return (
    <Act
      label="Revoke"
      title={`Revoke grant #${row.grantId}`}
      needs="admin"
      path={`/api/capabilities/grants/${row.grantId}/revoke`}
      answer={grantSchema}
      effect={
        <>
          Calls of <Code>{subjectOf(row)}</Code> under <Code>{row.capability}</Code> are refused from then on.
        </>
      }
      command={`kora capability revoke ${row.grantId} --reason "…"`}
    />
  );
}
