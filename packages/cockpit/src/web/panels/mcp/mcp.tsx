import { type McpTokenRow, mcpTokenSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { z } from 'zod';
import { Act } from '../../kit/act.tsx';
import { Chip } from '../../kit/chip.tsx';
import { Facet } from '../../kit/facets.tsx';
import { PanelHold } from '../../kit/hold.tsx';
import { Panel } from '../../kit/panel.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Code, Line } from '../../kit/text.tsx';
import { FilterBox, Page } from '../../shell/page.tsx';
import { matches, useFilter } from '../../shell/query.ts';
import { useDetail } from '../../store/detail.ts';
import { emptied } from '../../store/view.ts';
import { ServerTools } from './servers.tsx';
import { TokenAct } from './token-act.tsx';

const tokensSchema = z.array(mcpTokenSchema);
const filterKeys = ['q', 'tokens'] as const;
const stirredBy: readonly string[] = ['kora.mcp.', 'kora.capability.'];
const endings = [{ value: 'all', title: 'also those that are over' }];

/** Which programs may ask over MCP, for what, until when, and when they last did. */
export function McpPage(): ReactNode {
  const [{ q, tokens: which }, change] = useFilter(filterKeys);
  // When a token was used is no event, so it is read with each heartbeat.
  const path = which === 'all' ? '/api/mcp-tokens?all=1' : '/api/mcp-tokens';
  const { data, view } = useDetail(path, tokensSchema, stirredBy, true);
  const rows = (data ?? []).filter((row) => matches(q, row.name, row.reason, ...row.capabilities));
  return (
    <Page
      title="MCP"
      tools={
        <>
          <Facet
            first
            label="Tokens"
            value={which}
            all="live"
            choices={endings}
            onChange={(tokens) => change({ tokens })}
          />
          <FilterBox label="Filter tokens" value={q} onChange={(next) => change({ q: next })} />
        </>
      }
    >
      <Panel
        title="Programs that may ask"
        view={data === null ? view : emptied(view, rows.length)}
        count={data === null ? null : rows.length}
        whenEmpty={q === '' ? 'No program may ask over MCP.' : 'No token matches the filter.'}
        tools={<TokenAct />}
      >
        <Table
          caption="Tokens of programs that ask over MCP"
          rows={rows}
          keyOf={(row) => String(row.keyId)}
          columns={columns}
        />
      </Panel>
      <PanelHold>
        <ServerTools />
      </PanelHold>
      <p className="text-dim">
        How each server is reached stands under{' '}
        <Link href="/panels/mcp" className="text-active underline">
          the plugin mcp
        </Link>
        .
      </p>
    </Page>
  );
}

const tones = { live: 'ready', expired: 'dim', revoked: 'stopped' } as const;

const columns: readonly Column<McpTokenRow>[] = [
  { name: 'Key', align: 'end', cell: (row) => `#${row.keyId}` },
  { name: 'Program', cell: (row) => <Code>{row.name}</Code> },
  { name: 'Is', cell: (row) => <Chip tone={tones[row.status]}>{row.status}</Chip> },
  {
    name: 'May',
    wide: true,
    cell: (row) => <Line className="block truncate">{row.capabilities.join(', ') || 'nothing'}</Line>,
  },
  { name: 'Kinds', from: 'lg', cell: (row) => <Line>{row.kinds.join(', ') || '-'}</Line> },
  {
    name: 'Used',
    cell: (row) => (row.usedAt === null ? <span className="text-dim">never</span> : <Ago at={row.usedAt} />),
  },
  { name: 'Until', from: 'sm', cell: (row) => <Ago at={row.revokedAt ?? row.expiresAt} /> },
  {
    name: 'Why',
    from: 'lg',
    cell: (row) => <Line className="block max-w-64 truncate">{row.revokeReason ?? row.reason}</Line>,
  },
  { name: 'Deed', align: 'end', cell: (row) => (row.status === 'live' ? <Revoke row={row} /> : null) },
];

function Revoke({ row }: { readonly row: McpTokenRow }): ReactNode {
  return (
    <Act
      label="Revoke"
      title={`Revoke token #${row.keyId}`}
      needs="admin"
      path={`/api/mcp-tokens/${row.keyId}/revoke`}
      answer={mcpTokenSchema}
      keyed={false}
      effect={
        <>
          Nothing can be asked with it from then on. With the last token of <Code>{row.name}</Code> its grants
          end, and what it held may be claimed again.
        </>
      }
      command={`kora mcp token revoke ${row.keyId} --reason "…"`}
    />
  );
}
