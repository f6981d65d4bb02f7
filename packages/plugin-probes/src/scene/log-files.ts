import type { LogFile } from '../config/logs.ts';
import { fileLog } from './file-log.ts';
import type { OpenLog } from './file-log.ts';

/** What lies outside of probes: the logs of what a probe looks at, opened for one investigation. */
export type LogsOf = (of: {
  readonly probe: string;
  /** The id of what it looks at. */
  readonly entity: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How much of the end of each file is read. */
  readonly mostBytes?: number;
}) => Promise<readonly OpenLog[]>;

/** The log files of a configuration. */
export function logFiles(logs: readonly LogFile[]): LogsOf {
  return async ({ probe, entity, now, mostBytes }) => {
    const opened: OpenLog[] = [];
    for (const { path, name = probe } of logs.filter((log) => log.probe === probe))
      opened.push(await fileLog(path, { id: `log:${name}`, entity, now }, mostBytes));
    return opened;
  };
}
