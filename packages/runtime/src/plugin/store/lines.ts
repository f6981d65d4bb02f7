import { createHash } from 'node:crypto';
import { fault } from '../../fault/index.ts';
import type { Migration } from '../../store/index.ts';
import type { PluginMigration } from './contract.ts';

const mostMigrations = 1_000;
/** All of them together: a guest sends them in one message. */
const longestText = 2_000_000;

/** A plugin's line in order, with checksums. Throws KORA_PLUGIN_INVALID naming the migration that is not as it should be. */
export function linesOf(given: readonly PluginMigration[]): Migration[] {
  if (given.length === 0) throw invalid('there is no migration');
  if (given.length > mostMigrations) throw invalid(`${given.length} migrations; ${mostMigrations} may be`);
  const lines = given.map(lineOf).sort((one, other) => one.number - other.number);
  const twice = lines.find(({ number }, at) => lines[at - 1]?.number === number);
  if (twice !== undefined) throw invalid(`two migrations have the number ${twice.number}`);
  if (lines.reduce((sum, { sql }) => sum + sql.length, 0) > longestText) {
    throw invalid(`the migrations are longer than ${longestText} characters together`);
  }
  return lines;
}

function lineOf({ number, name, sql }: PluginMigration): Migration {
  if (!Number.isInteger(number) || number < 1 || number > 9_999) {
    throw invalid(`migration ${String(number)}: a number from 1 to 9999 is wanted`);
  }
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9-]{0,99}$/.test(name)) {
    throw invalid(`migration ${number}: its name must be of a-z, 0-9 and -`);
  }
  if (typeof sql !== 'string' || sql.includes('\0'))
    throw invalid(`migration ${number} ${name}: it is no text`);
  const safety = /^-- (safe|breaking): \S/.exec(sql)?.[1];
  if (safety !== 'safe' && safety !== 'breaking') {
    throw invalid(
      `migration ${number} ${name}: its first line must say "-- safe: why" or "-- breaking: why"`,
    );
  }
  return { number, name, safety, sql, checksum: createHash('sha256').update(sql).digest('hex') };
}

function invalid(message: string): Error {
  return fault('KORA_PLUGIN_INVALID', message);
}
