import { type ReactNode, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { clock, count } from '../../kit/format.ts';
import { oneLine } from '../../kit/plain.ts';
import { saveText } from '../cost/save.ts';
import { downloadText } from './log-filter.ts';
import type { LogEntry, LogLine } from './ring.ts';
import type { LogRead } from './use-range.ts';

/** Says the newest line to those who listen: the log itself does not speak. */
export function ReadLatest({ line }: { readonly line: LogLine | null }): ReactNode {
  const [said, say] = useState('');
  return (
    <>
      <Button
        disabled={line === null}
        onClick={() =>
          say(
            line === null ? '' : `${clock(line.time)} ${line.level} ${line.logger}: ${oneLine(line.message)}`,
          )
        }
      >
        Read latest
      </Button>
      <span role="status" className="sr-only">
        {said}
      </span>
    </>
  );
}

interface DownloadProps {
  readonly rows: readonly LogEntry[];
  /** The range that is shown; null at the live end. */
  readonly read: LogRead | null;
  readonly fits: (line: LogLine) => boolean;
}

/** The lines as a file: those that are here, and of a range all that belong to it. */
export function Download({ rows, read, fits }: DownloadProps): ReactNode {
  const [said, say] = useState('');
  const save = async (): Promise<void> => {
    if (read === null) {
      saveText('kora-log.ndjson', 'application/x-ndjson', downloadText(rows.map(({ line }) => line)));
      return;
    }
    say('Reading the range…');
    const { lines, fault } = await read.whole();
    const wanted = lines.filter(fits);
    saveText('kora-log.ndjson', 'application/x-ndjson', downloadText(wanted));
    say(
      fault === null
        ? `${count(wanted.length)} lines saved.`
        : `${count(wanted.length)} lines saved, and not all of them: ${fault.message}`,
    );
  };
  return (
    <>
      <Button disabled={rows.length === 0} onClick={() => void save()}>
        {read === null ? 'Download' : 'Download the range'}
      </Button>
      <span role="status" className="text-xs text-dim">
        {said}
      </span>
    </>
  );
}
