import type { EventRow } from '@kora/runtime/client';
import { Fragment, type ReactNode, useState } from 'react';
import { count } from '../../kit/format.ts';
import { Panel } from '../../kit/panel.tsx';
import { useEventsView } from '../../store/use.ts';
import { EventItem } from './event-row.tsx';
import { linesOf } from './filter.ts';
import { besides } from './subject.ts';

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
      <EventRows rows={rows} gaps={gaps} />
    </Panel>
  );
}

function EventRows({ rows, gaps }: Pick<EventListProps, 'rows' | 'gaps'>): ReactNode {
  const [opened, setOpened] = useState<number | null>(null);
  return (
    <div>
      {linesOf(rows, gaps).map(({ event, missing }) => (
        <Fragment key={event.seq}>
          {missing > 0 ? (
            <p className="hatch border-b border-line px-3 py-1 text-xs text-stale">
              {count(missing)} between are not on this page
            </p>
          ) : null}
          <EventItem
            event={event}
            open={event.seq === opened}
            onToggle={(seq, open) => setOpened(open ? seq : null)}
            {...(event.seq === opened ? besides(event, rows) : alone)}
          />
        </Fragment>
      ))}
    </div>
  );
}

const alone = { previous: null, next: null } as const;
