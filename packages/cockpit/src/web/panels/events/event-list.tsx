import type { EventRow } from '@kora/runtime/client';
import { Fragment, type ReactNode } from 'react';
import { Panel } from '../../kit/panel.tsx';
import { useEventsView } from '../../store/use.ts';
import { EventItem } from './event-row.tsx';

interface EventListProps {
  readonly title: string;
  readonly rows: readonly EventRow[];
  /** Whether a missing sequence between two rows is worth a line: in an unfiltered list it is. */
  readonly gaps: boolean;
  readonly whenEmpty: string;
}

/** Events in a panel of their own, newest first. */
export function EventList({ title, rows, gaps, whenEmpty }: EventListProps): ReactNode {
  const view = useEventsView(rows.length === 0);
  return (
    <Panel title={title} count={rows.length} view={view} whenEmpty={whenEmpty}>
      <EventRows rows={rows} gaps={gaps} openSeq={null} />
    </Panel>
  );
}

interface EventRowsProps {
  readonly rows: readonly EventRow[];
  readonly gaps: boolean;
  /** The event that an address names; shown opened. */
  readonly openSeq: number | null;
}

/** The rows alone. A hole in the sequence is shown as what it is, not closed up. */
export function EventRows({ rows, gaps, openSeq }: EventRowsProps): ReactNode {
  return (
    <div>
      {rows.map((event, index) => {
        const above = rows[index - 1];
        const missing = gaps && above !== undefined ? above.seq - event.seq - 1 : 0;
        return (
          <Fragment key={event.seq}>
            {missing > 0 ? (
              <p className="hatch border-b border-line px-3 py-1 text-xs text-stale">
                {missing === 1 ? `#${event.seq + 1} is` : `#${event.seq + 1} to #${event.seq + missing} are`}{' '}
                not on this page
              </p>
            ) : null}
            <EventItem event={event} open={event.seq === openSeq} />
          </Fragment>
        );
      })}
    </div>
  );
}
