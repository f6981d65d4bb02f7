import {
  channelCheckSchema,
  channelFirstSchema,
  type ChannelRow,
  channelSchema,
  channelTestSchema,
} from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { z } from 'zod';
import { Act } from '../../kit/act.tsx';
import { Chip } from '../../kit/chip.tsx';
import { count } from '../../kit/format.ts';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Code, Line } from '../../kit/text.tsx';
import { Page } from '../../shell/page.tsx';
import { useDetail } from '../../store/detail.ts';
import { emptied } from '../../store/view.ts';

const channelsSchema = z.array(channelSchema);
const stirredBy: readonly string[] = ['notification.', 'kora.channel.', 'kora.plugin.', 'kora.config.'];

/** The ways to the operator: which is told first, which is down, what waits for each. */
export function ChannelsPage(): ReactNode {
  const { data, view } = useDetail('/api/channels', channelsSchema, stirredBy, true);
  const rows = [...(data ?? [])].sort(inOrder);
  // Kept here: a row is drawn anew with every heartbeat.
  const [said, say] = useState('');
  const columns = [...about, { name: 'Deed', align: 'end' as const, cell: deedsOf(say) }];
  return (
    <Page title="Channels">
      <Panel
        title="Ways to you"
        view={data === null ? view : emptied(view, rows.length)}
        count={data?.length ?? null}
        whenEmpty="No plugin brings a channel; what is told stands in the inbox."
      >
        <Table
          caption="Channels in the order they are told"
          rows={rows}
          keyOf={({ name }) => name}
          columns={columns}
        />
      </Panel>
      <p role="status" className="wrap-anywhere">
        {plain(said)}
      </p>
    </Page>
  );
}

/** As they are told; what is named nowhere comes last. */
function inOrder(a: ChannelRow, b: ChannelRow): number {
  return (a.place ?? Infinity) - (b.place ?? Infinity) || a.name.localeCompare(b.name);
}

const about: readonly Column<ChannelRow>[] = [
  {
    name: 'Told',
    align: 'end',
    cell: ({ place }) => (place === null ? <span className="text-dim">not told</span> : place),
  },
  { name: 'Channel', cell: ({ name }) => <Code>{name}</Code> },
  { name: 'Is', wide: true, cell: (row) => <Standing row={row} /> },
  { name: 'Waiting', align: 'end', cell: ({ waiting }) => count(waiting) },
  {
    name: 'Delivered',
    from: 'sm',
    cell: ({ deliveredAt }) =>
      deliveredAt === null ? <span className="text-dim">never</span> : <Ago at={deliveredAt} />,
  },
];

function Standing({ row }: { readonly row: ChannelRow }): ReactNode {
  if (!row.here) return <Chip>not here</Chip>;
  return (
    <span className="flex items-center gap-2">
      {row.downSince === null ? (
        <Chip tone="ready">up</Chip>
      ) : (
        <>
          <Chip tone="stopped">down</Chip>
          <Ago at={row.downSince} />
        </>
      )}
      {row.quiet ? <Chip>quiet hours</Chip> : null}
      {row.isPlaceInForce ? null : <Chip tone="paused">its place holds at the next start</Chip>}
      {row.error === null ? null : <Line className="truncate text-stopped">{row.error}</Line>}
    </span>
  );
}

/** Milliseconds that a provider may take to answer. */
const patienceMs = 60_000;

function deedsOf(say: (words: string) => void): (row: ChannelRow) => ReactNode {
  return ({ name, here, place }) => {
    if (!here) return null;
    const path = `/api/channels/${encodeURIComponent(name)}`;
    const common = { keyed: false, timeoutMs: patienceMs } as const;
    return (
      <span className="inline-flex gap-2">
        <Act
          {...common}
          label="Check"
          title={`Check ${name}`}
          needs="operate"
          path={`${path}/check`}
          answer={channelCheckSchema}
          reasoned={false}
          effect="Asks whether it would work. Nothing is sent."
          command={`kora channel check ${name}`}
          onDone={({ ok, detail, fix }) =>
            say(
              `${name} ${ok ? 'would work' : 'would not work'}: ${detail}${fix === undefined ? '' : ` ${fix}`}`,
            )
          }
        />
        <Act
          {...common}
          label="Test"
          title={`Send a test over ${name}`}
          needs="operate"
          path={`${path}/test`}
          answer={channelTestSchema}
          reasoned={false}
          effect="A real message is sent, now."
          command={`kora channel check ${name} --send`}
          onDone={({ delivered, receipt, error }) =>
            say(
              delivered
                ? `${name} delivered it: ${receipt ?? 'no receipt'}`
                : `${name} did not deliver it: ${error ?? 'unknown'}`,
            )
          }
        />
        {place === 1 ? null : (
          <Act
            {...common}
            label="Tell first"
            title={`Be told over ${name} first`}
            needs="admin"
            path={`${path}/first`}
            answer={channelFirstSchema}
            effect="It is told first from now on; the others stay behind it in their order. It is written in kora.json."
            command={`kora channel first ${name}`}
          />
        )}
      </span>
    );
  };
}
