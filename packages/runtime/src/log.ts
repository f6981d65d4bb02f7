import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { destination, pino } from 'pino';
import { homeFiles } from './home/index.ts';
import type { PluginLog } from './plugin/index.ts';
import type { Scope } from './scope/index.ts';

/** The runtime's own log: NDJSON in the home, one line an entry, for people at three in the morning. */
export async function openLog(home: string, level: string, scope: Scope): Promise<PluginLog> {
  const folder = join(home, homeFiles.logs);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = destination({ dest: join(folder, 'kora.log'), sync: true, mode: 0o600 });
  scope.add('log file', () => file.end());
  const log = pino({ level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, file);
  return {
    info: (message, fields = {}) => log.info(fields, message),
    warn: (message, fields = {}) => log.warn(fields, message),
    error: (message, fields = {}) => log.error(fields, message),
  };
}
