import type { ReactNode } from 'react';
import { Button } from '../../kit/button.tsx';
import { Diff } from '../../kit/diff.tsx';
import { Panel } from '../../kit/panel.tsx';
import { useDetail } from '../../store/detail.ts';
import { promotionDetailSchema, promotionDiffSchema } from '@kora/runtime/client';
import { promotionEvents, type Read } from './proposals.ts';

interface ChangedProps {
  readonly id: number;
  /** The revision that was read. */
  readonly from: number;
  /** The one that is there now; null: the newest. */
  readonly to: number | null;
  /** From here on the revision that was shown counts as read. */
  readonly onRead: (read: Read) => void;
}

const never: readonly string[] = [];

/** A proposal that changed while it was being read: what is other, before anything can be agreed to. */
export function ChangedSince({ id, from, to, onRead }: ChangedProps): ReactNode {
  const query = new URLSearchParams({ from: String(from), ...(to === null ? {} : { to: String(to) }) });
  const path = `/api/promotions/${id}/diff?${query.toString()}`;
  const { data, view } = useDetail(path, promotionDiffSchema, never);
  const proposal = useDetail(`/api/promotions/${id}`, promotionDetailSchema, promotionEvents).data;
  // Exactly what is drawn below is read by it; what came after it is drawn next.
  const shown = proposal?.revisions.find(({ revision }) => revision === data?.to);
  return (
    <div role="alert">
      <Panel
        title="Changed since you opened it"
        view={view}
        whenEmpty=""
        tools={shown === undefined ? null : <Button onClick={() => onRead(shown)}>I have read it</Button>}
      >
        {data === null ? null : (
          <div className="space-y-2 p-3">
            <p>
              Revision {data.from} was read, revision {data.to} is there now. Agreeing to the old one is
              refused.
            </p>
            <Diff lines={data.lines} />
          </div>
        )}
      </Panel>
    </div>
  );
}
