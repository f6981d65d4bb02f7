import { fault, messageOf } from '../../fault/index.ts';
import type { BatchStatement, Database, Migration } from '../../store/index.ts';
import { roleStatements } from './place.ts';
import type { Place } from './place.ts';

/** Whose line it is, and what built it. */
export interface LineOwner {
  readonly plugin: string;
  readonly version: string;
  /** To name in the command that brings another version; the id where nothing better is known. */
  readonly packageName: string;
  /** Which version a line came with, where that is known one by one; default `version`. */
  readonly builtBy?: (line: Migration) => string;
}

interface Applied {
  readonly number: number;
  readonly name: string;
  readonly safety: 'safe' | 'breaking';
  readonly checksum: string;
  readonly build: string;
}

const limits = { timeoutMs: 600_000, lockTimeoutMs: 20_000 };
const appliedState = 'KR007';

/**
 * Brings a plugin's schema up to what this version of it knows, each migration in a transaction of its own, with the
 * plugin's own rights. Answers the numbers that were applied. Throws KORA_SCHEMA_NEWER when a newer version made a breaking
 * change, KORA_MIGRATION_CHANGED when an applied one reads differently now, KORA_MIGRATION_FAILED with the one that failed.
 */
export async function applyLines(
  database: Database,
  place: Place,
  owner: LineOwner,
  lines: readonly Migration[],
): Promise<number[]> {
  const known = await readApplied(database, owner.plugin);
  refuseNewer(owner, lines, known);
  const done: number[] = [];
  for (const line of lines) {
    const applied = known.find(({ number }) => number === line.number);
    if (applied !== undefined) requireSame(owner, line, applied.checksum);
    else if (await applyOne(database, place, owner, line)) done.push(line.number);
  }
  return done;
}

/** False when another runtime was first. */
async function applyOne(
  database: Database,
  place: Place,
  owner: LineOwner,
  line: Migration,
): Promise<boolean> {
  const { plugin, version } = owner;
  await announce(database, owner, line);
  const result = await place.batches.run(statementsFor(place, plugin, line), limits);
  if (result.ok) return true;
  const what = `migration ${line.number} ${line.name} of plugin ${plugin}`;
  if (result.sqlstate !== appliedState) {
    throw fault('KORA_MIGRATION_FAILED', `${what}: ${messageOf(result.error)}`, {
      details: { sqlstate: result.sqlstate, version },
      cause: result.error,
    });
  }
  const [now] = (await readApplied(database, plugin)).filter(({ number }) => number === line.number);
  if (now !== undefined) requireSame(owner, line, now.checksum);
  return false;
}

function statementsFor(place: Place, plugin: string, { number, sql }: Migration): BatchStatement[] {
  const text = { text: 'select kora_plugin.apply($1)', values: [sql] };
  if (!place.lent) {
    return [
      { text: 'select kora_plugin.begin_line($1)', values: [number] },
      text,
      { text: 'select kora_plugin.end_line($1)', values: [number] },
    ];
  }
  return [
    { text: 'select kora.begin_plugin_line($1, $2)', values: [plugin, number] },
    ...roleStatements(place),
    text,
    { text: 'reset role' },
    { text: 'select kora.end_plugin_line($1, $2)', values: [plugin, number] },
  ];
}

/** What the ledger will keep is written down by the runtime first: the plugin's login can only say that it is done. */
async function announce(
  database: Database,
  { plugin, version, builtBy }: LineOwner,
  line: Migration,
): Promise<void> {
  const { number, name, safety, checksum, sql } = line;
  await database.query(
    `insert into kora.plugin_line (owner, number, name, safety, checksum, build, sql) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (owner, number) do update set name = excluded.name, safety = excluded.safety,
       checksum = excluded.checksum, build = excluded.build, sql = excluded.sql`,
    [plugin, number, name, safety, checksum, builtBy?.(line) ?? version, sql],
  );
}

function readApplied(database: Database, plugin: string): Promise<Applied[]> {
  return database.query<Applied>(
    'select number, name, safety, checksum, build from kora.migration where owner = $1 order by number',
    [plugin],
  );
}

function refuseNewer(owner: LineOwner, lines: readonly Migration[], applied: readonly Applied[]): void {
  const numbers = new Set(lines.map(({ number }) => number));
  const breaking = applied.find(({ number, safety }) => !numbers.has(number) && safety === 'breaking');
  if (breaking === undefined) return;
  const { plugin, version, packageName } = owner;
  throw fault(
    'KORA_SCHEMA_NEWER',
    `the tables of plugin ${plugin} were changed by its version ${breaking.build} (${breaking.number} ${breaking.name}); this is ${version}`,
    {
      fix: `pnpm add ${packageName}@${breaking.build}`,
      details: { build: breaking.build, migration: breaking.name },
    },
  );
}

function requireSame({ plugin, packageName }: LineOwner, line: Migration, checksum: string): void {
  if (line.checksum === checksum) return;
  throw fault(
    'KORA_MIGRATION_CHANGED',
    `migration ${line.number} ${line.name} of plugin ${plugin} was applied with other content`,
    { fix: `pnpm update ${packageName}; a migration that was published is never edited, a new one is added` },
  );
}
