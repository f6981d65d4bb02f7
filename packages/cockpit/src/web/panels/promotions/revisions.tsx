import { type PromotionDetail, promotionDiffSchema } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Diff } from '../../kit/diff.tsx';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Code } from '../../kit/text.tsx';
import { useDetail } from '../../store/detail.ts';
import type { PanelView } from '../../store/view.ts';

type Revision = PromotionDetail['revisions'][number];

interface RevisionsProps {
  readonly proposal: PromotionDetail;
  readonly view: PanelView;
}

/** Every content that it had, and what of one is other in the one after it. */
export function Revisions({ proposal, view }: RevisionsProps): ReactNode {
  const [shown, setShown] = useState<number | null>(null);
  const { id, revision, revisions } = proposal;
  return (
    <Panel title="Revisions" count={revisions.length} view={view} whenEmpty="">
      <Table
        caption="Revisions"
        columns={columnsWith(shown, setShown)}
        rows={[...revisions].reverse()}
        keyOf={(row) => String(row.revision)}
        current={(row) => row.revision === revision}
      />
      {shown === null ? null : <Between key={shown} id={id} to={shown} />}
    </Panel>
  );
}

function columnsWith(
  shown: number | null,
  show: (revision: number | null) => void,
): readonly Column<Revision>[] {
  return [
    { name: 'Revision', cell: (row) => row.revision, align: 'end' },
    { name: 'Digest', cell: (row) => <Code>{row.digest.slice(0, 16)}</Code>, wide: true },
    { name: 'When', cell: (row) => <Ago at={row.at} /> },
    {
      name: 'Changed',
      cell: ({ revision }) =>
        revision === 1 ? (
          <span className="text-dim">the first</span>
        ) : (
          <Button
            aria-expanded={shown === revision}
            onClick={() => show(shown === revision ? null : revision)}
          >
            since {revision - 1}
          </Button>
        ),
    },
  ];
}

const never: readonly string[] = [];

function Between({ id, to }: { readonly id: number; readonly to: number }): ReactNode {
  const { data, view } = useDetail(
    `/api/promotions/${id}/diff?from=${to - 1}&to=${to}`,
    promotionDiffSchema,
    never,
  );
  return (
    <section aria-label={`From revision ${to - 1} to ${to}`} className="space-y-2 border-t border-line p-3">
      <h3 className="text-xs text-dim">
        From revision {to - 1} to {to}
      </h3>
      {data === null ? (
        view.state === 'unavailable' || view.state === 'forbidden' ? (
          <p className="text-stale">What is other is not known: {plain(view.message)}</p>
        ) : (
          <p className="text-dim">Not read yet.</p>
        )
      ) : data.lines.length === 0 ? (
        <p className="text-dim">The change is the same; its evidence or its words are other.</p>
      ) : (
        <Diff lines={data.lines} />
      )}
    </section>
  );
}
