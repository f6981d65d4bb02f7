import { messageLogSchema } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { type Fault, readList } from '../../api/read.ts';
import { Button } from '../../kit/button.tsx';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { matches } from '../../shell/query.ts';
import { useDetail } from '../../store/detail.ts';
import { type LogAsked, logPath, type LogRow, ofSide, unitedRows } from './log.ts';
import { LogItem } from './log-item.tsx';

/** Events that change what is known of messages. */
export const messageEvents: readonly string[] = [
  'notification.',
  'inbound.',
  'kora.message.',
  'kora.inbound.',
  'webhook.',
];

const words: Readonly<Record<LogAsked['side'], readonly [title: string, whenEmpty: string]>> = {
  sent: ['Sent', 'Nothing has gone out over a channel yet.'],
  received: ['Received', 'Nothing has come in over a channel yet.'],
  refused: ['Refused and dead letters', 'Nothing was turned away, and no dead letter waits.'],
};

interface Further {
  readonly path: string;
  readonly rows: readonly LogRow[];
  readonly next: string | null;
  readonly fault: Fault | null;
}

/** What passed the channels, newest first, with what became of each. */
export function MessageLog({ asked, q }: { readonly asked: LogAsked; readonly q: string }): ReactNode {
  const path = logPath(asked);
  const { data, view } = useDetail(path, messageLogSchema, messageEvents, true);
  const [further, setFurther] = useState<Further | null>(null);
  const here = further?.path === path ? further : null;
  const read = ofSide(unitedRows(data?.rows ?? [], here?.rows ?? []), asked.side);
  const rows = read.filter((row) => matches(q, row.title, row.text, row.who, row.channel, row.reason));
  const next = here === null ? (data?.next ?? null) : here.next;
  const older = async (before: string): Promise<void> => {
    const answer = await readList(logPath(asked, before), messageLogSchema);
    const known = here?.rows ?? [];
    if (!answer.ok) setFurther({ path, rows: known, next: before, fault: answer.fault });
    else {
      setFurther({
        path,
        rows: unitedRows(known, answer.data.rows),
        next: answer.data.next,
        fault: null,
      });
    }
  };
  const [title, whenEmpty] = words[asked.side];
  const isEmpty = rows.length === 0 && view.state === 'ready';
  return (
    <>
      <Panel
        title={title}
        count={rows.length}
        view={isEmpty && view.state === 'ready' ? { state: 'empty', at: view.at } : view}
        whenEmpty={
          read.length === 0 ? whenEmpty : `None of the ${read.length} that were read matches the filter.`
        }
      >
        <ol>
          {rows.map((row) => (
            <LogItem key={row.key} row={row} />
          ))}
        </ol>
      </Panel>
      {next === null ? null : (
        <div className="flex items-center gap-3">
          <Button onClick={() => void older(next)}>Read older ones</Button>
          {here?.fault ? <span className="text-paused">{plain(here.fault.message)}</span> : null}
        </div>
      )}
    </>
  );
}
