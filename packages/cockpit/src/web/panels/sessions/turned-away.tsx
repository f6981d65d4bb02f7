import { sessionsSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import type { z } from 'zod';
import { count } from '../../kit/format.ts';
import { Panel } from '../../kit/panel.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago } from '../../kit/text.tsx';
import { useDetail } from '../../store/detail.ts';
import type { PanelView } from '../../store/view.ts';
import { causeWords } from './causes.ts';

type Sessions = z.infer<typeof sessionsSchema>;

const stirs: readonly string[] = ['kora.session.'];

/** Who knocked and was not let in, counted by why, on a page that is about something else too. */
export function TurnedAway(): ReactNode {
  const { data, view } = useDetail('/api/sessions', sessionsSchema, stirs, true);
  return <Refused data={data} view={view} />;
}

export function Refused({
  data,
  view,
}: {
  readonly data: Sessions | null;
  readonly view: PanelView;
}): ReactNode {
  const refused = data?.refused ?? null;
  const none = refused !== null && refused.causes.length === 0;
  return (
    <Panel
      title="Turned away"
      view={none && view.state === 'ready' ? { state: 'empty', at: view.at } : view}
      count={refused?.total ?? null}
      whenEmpty="Nobody was turned away since this runtime began."
    >
      {refused === null ? null : (
        <Table
          caption="Turned away, by cause"
          rows={refused.causes}
          keyOf={(row) => row.cause}
          columns={refusedColumns}
        />
      )}
    </Panel>
  );
}

const refusedColumns: readonly Column<Sessions['refused']['causes'][number]>[] = [
  { name: 'Cause', wide: true, cell: (row) => causeWords(row.cause) },
  { name: 'Times', align: 'end', cell: (row) => count(row.count) },
  { name: 'Last', cell: (row) => <Ago at={row.lastAt} /> },
];
