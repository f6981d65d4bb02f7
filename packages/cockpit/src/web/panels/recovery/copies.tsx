import type { drStateSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { z } from 'zod';
import { Chip } from '../../kit/chip.tsx';
import { Command } from '../../kit/command.tsx';
import { count } from '../../kit/format.ts';
import { Panel } from '../../kit/panel.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Code } from '../../kit/text.tsx';
import { useServerNow } from '../../store/use.ts';
import { emptied, type PanelView } from '../../store/view.ts';

type Copy = NonNullable<z.infer<typeof drStateSchema>['backups']>[number];

/** A copy that is older than this is one to be made anew: a day. */
const oldMs = 86_400_000;

interface CopiesProps {
  /** Null or absent: not known. */
  readonly copies: readonly Copy[] | null | undefined;
  readonly view: PanelView;
}

/** The copies from which store and home could be made again, how old each is, and whether it is still good for it. */
export function Copies({ copies, view }: CopiesProps): ReactNode {
  const now = useServerNow();
  const rows = copies ?? [];
  const good = rows.find((copy) => copy.isThere !== false && copy.isOfThisChain !== false);
  const isOld = good !== undefined && now - Date.parse(good.at) > oldMs;
  return (
    <Panel
      title="Copies"
      count={Array.isArray(copies) ? rows.length : null}
      view={Array.isArray(copies) ? emptied(view, rows.length) : view}
      whenEmpty="No copy was made by a running house. What is copied while it stands still, or by other means, is not known here."
      tools={
        <>
          {isOld ? <Chip tone="paused">the newest good one is over a day old</Chip> : null}
          {rows.length > 0 && good === undefined ? <Chip tone="stopped">none of them is good</Chip> : null}
          {good === undefined ? null : <Command>{`kora restore ${good.directory}`}</Command>}
        </>
      }
    >
      {Array.isArray(copies) ? (
        <Table
          caption="Copies, the newest first"
          columns={columns}
          rows={rows}
          keyOf={({ seq }) => String(seq)}
        />
      ) : (
        <p className="px-3 py-4 text-stale">Unknown: the store does not answer.</p>
      )}
    </Panel>
  );
}

const columns: readonly Column<Copy>[] = [
  { name: 'Made', cell: (row) => <Ago at={row.at} /> },
  { name: 'Folder', cell: (row) => <Code className="block truncate">{row.directory}</Code>, wide: true },
  {
    name: 'Folder is',
    cell: ({ isThere }) =>
      isThere === null ? (
        <span className="text-stale">on another machine</span>
      ) : isThere ? (
        <Chip tone="ready">there</Chip>
      ) : (
        <Chip tone="stopped">gone</Chip>
      ),
  },
  {
    name: 'Its chain ends at',
    cell: ({ chainSeq, isOfThisChain }) => (
      <span className="inline-flex items-center gap-2">
        <Link href={`/events?seq=${chainSeq}`} className="text-active underline">
          #{count(chainSeq)}
        </Link>
        {isOfThisChain === null ? (
          <span className="text-stale">pruned here since</span>
        ) : isOfThisChain ? (
          <Chip tone="ready">is of this chain</Chip>
        ) : (
          <Chip tone="stopped">is of another chain</Chip>
        )}
      </span>
    ),
  },
  { name: 'Epoch', cell: (row) => count(row.epoch), align: 'end', from: 'md' },
  { name: 'Rows', cell: (row) => count(row.rows), align: 'end', from: 'md' },
  { name: 'Bytes', cell: (row) => count(row.bytes), align: 'end', from: 'lg' },
];
