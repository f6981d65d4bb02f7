import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { destination, pino } from 'pino';
import { homeFiles } from './home/index.ts';
import type { PluginLog } from './plugin/index.ts';
import type { KnownSecrets } from './known-secrets.ts';
import type { Scope } from './scope/index.ts';

export interface LogOptions {
  readonly scope: Scope;
  /** Masked in every line, whoever wrote it. */
  readonly secrets: Pick<KnownSecrets, 'scrub'>;
}

/** The runtime's log, whose level the operator may change while it runs. */
export interface RuntimeLog extends PluginLog {
  setLevel(level: string): void;
}

/** The runtime's own log: NDJSON in the home, one line an entry, for people at three in the morning. */
export async function openLog(
  home: string,
  level: string,
  { scope, secrets }: LogOptions,
): Promise<RuntimeLog> {
  const folder = join(home, homeFiles.logs);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = destination({ dest: join(folder, 'kora.log'), sync: true, mode: 0o600 });
  scope.add('log file', () => file.end());
  const hooks = { streamWrite: (line: string) => masked(line, (text) => secrets.scrub(text)) };
  const base = { pid: process.pid };
  const log = pino({ level, base, hooks, timestamp: pino.stdTimeFunctions.isoTime }, file);
  return {
    info: (message, fields = {}) => log.info(fields, message),
    warn: (message, fields = {}) => log.warn(fields, message),
    error: (message, fields = {}) => log.error(fields, message),
    setLevel: (next) => {
      log.level = next;
    },
  };
}

/** A secret may stand where it is no text, as a number: then the line is told as one, so that it stays a line of JSON. */
function masked(line: string, scrub: (text: string) => string): string {
  const told = scrub(line);
  if (told === line) return line;
  try {
    JSON.parse(told);
    return told;
  } catch {
    return `${JSON.stringify({ level: 50, msg: told.trimEnd() })}\n`;
  }
}
