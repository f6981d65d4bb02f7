import { revokedSessionsSchema, sessionsSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import type { z } from 'zod';
import { Act } from '../../kit/act.tsx';
import { Chip } from '../../kit/chip.tsx';
import { Panel } from '../../kit/panel.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Line } from '../../kit/text.tsx';
import { Page } from '../../shell/page.tsx';
import { useDetail } from '../../store/detail.ts';
import { PairAct } from './pair-act.tsx';
import { Refused } from './turned-away.tsx';

type Sessions = z.infer<typeof sessionsSchema>;
type Session = Sessions['sessions'][number];

const stirs: readonly string[] = ['kora.session.'];

/** Who is signed in to this cockpit, and who was turned away. */
export function SessionsPage(): ReactNode {
  const { data, view } = useDetail('/api/sessions', sessionsSchema, stirs, true);
  return (
    <Page title="Sessions">
      <Panel
        title="Signed in"
        view={view}
        count={data?.sessions.length ?? null}
        whenEmpty=""
        tools={
          <span className="flex flex-wrap gap-2">
            <PairAct />
            <RevokeMany which="others" label="Revoke the others" />
            <RevokeMany which="all" label="Revoke all" />
          </span>
        }
      >
        {data === null ? null : (
          <Table caption="Sessions" rows={data.sessions} keyOf={(row) => row.sessionId} columns={columns} />
        )}
      </Panel>
      <Refused data={data} view={view} />
    </Page>
  );
}

const columns: readonly Column<Session>[] = [
  {
    name: 'Device',
    wide: true,
    cell: (row) => (
      <span className="flex items-center gap-2">
        <Line className="truncate">{row.device}</Line>
        {row.current ? <Chip tone="active">this one</Chip> : null}
      </span>
    ),
  },
  { name: 'May', from: 'md', cell: (row) => row.scopes.join(', ') },
  { name: 'Seen', cell: (row) => <Ago at={row.seenAt} /> },
  { name: 'Since', from: 'sm', cell: (row) => <Ago at={row.createdAt} /> },
  { name: 'Ends', from: 'sm', cell: (row) => <Ago at={row.expiresAt} /> },
  {
    name: 'Fresh',
    from: 'lg',
    cell: (row) => (row.freshUntil === null ? 'no' : <Ago at={row.freshUntil} />),
  },
  {
    name: 'Deed',
    align: 'end',
    cell: (row) => (
      <Act
        label="Revoke"
        title={row.current ? 'Sign out of this browser' : 'Revoke a session'}
        needs="admin"
        path={`/api/sessions/${encodeURIComponent(row.sessionId)}/revoke`}
        answer={revokedSessionsSchema}
        keyed={false}
        effect={
          <>
            Every page of <Line>{row.device}</Line> is signed out at once.
          </>
        }
      />
    ),
  },
];

interface RevokeManyProps {
  readonly which: 'all' | 'others';
  readonly label: string;
}

function RevokeMany({ which, label }: RevokeManyProps): ReactNode {
  return (
    <Act
      label={label}
      title={label}
      needs="admin"
      path="/api/sessions/revoke"
      answer={revokedSessionsSchema}
      body={() => ({ which })}
      keyed={false}
      effect={
        which === 'all'
          ? 'Every page is signed out at once, this one too. To come back: kora cockpit.'
          : 'Every page but this browser’s is signed out at once.'
      }
      command={which === 'all' ? `kora cockpit revoke --all --reason '…'` : undefined}
    />
  );
}
