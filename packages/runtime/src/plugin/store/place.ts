import type { Clock } from '../../clock/index.ts';
import { fault, KoraError, messageOf } from '../../fault/index.ts';
import { Batches, codeOf, isLoginRefused, isStoreAway, wayAs } from '../../store/index.ts';
import type { BatchStatement, Database, Queryable, StoreServer, StoreWay } from '../../store/index.ts';
import { fenceStatement, findPlace, missingStatements, passwordStatement } from './place-sql.ts';
import type { PlaceFound } from './place-sql.ts';
import { verifierOf } from './verifier.ts';

/** Whose place it is, and what opens it. */
export interface PlaceOwner {
  readonly plugin: string;
  readonly password: string;
  readonly trusted: boolean;
}

export interface PlaceOptions {
  /** The runtime's own way: the plugin's is the same with another login. */
  readonly database: Database;
  readonly clock: Clock;
  /** Runs work as the role that owns the schema, where that is not the runtime's. */
  readonly asOwner: <T>(work: (owner: Queryable) => Promise<T>) => Promise<T>;
  readonly onError: (error: unknown) => void;
}

/**
 * A plugin's place in a database: a schema and a login of its own. `lent` where there can be no login, on PGlite: then
 * statements run under the plugin's role within the runtime's session, which holds no stranger.
 */
export interface Place extends AsyncDisposable {
  readonly schema: string;
  readonly role: string;
  readonly lent: boolean;
  readonly way: StoreWay;
  readonly server: StoreServer;
  readonly batches: Batches;
}

const connections = 2;
const loginMs = 10_000;
const lockMs = 10_000;

/**
 * Makes sure that a plugin has its place, and opens it. Throws KORA_PLUGIN_STORE_REFUSED: PGlite and a stranger, a server
 * on which the role cannot be made (the fix is the statements that are missing), or a role that would reach further.
 */
export async function openPlace(options: PlaceOptions, owner: PlaceOwner): Promise<Place> {
  const { database } = options;
  const lent = database.server.kind === 'pglite';
  if (lent && !owner.trusted) {
    throw fault(
      'KORA_PLUGIN_STORE_REFUSED',
      `plugin ${owner.plugin} keeps tables, and PGlite has one login for all: what a stranger runs there is not contained`,
      { fix: 'kora up without --ephemeral, or set KORA_DATABASE_URL to a PostgreSQL' },
    );
  }
  const found = await arrange(options, owner);
  const { role, schema } = found;
  const way = lent ? database.way() : wayAs(database.way(), { user: role, password: owner.password });
  const batches = new Batches({
    way,
    server: database.server,
    clock: options.clock,
    name: `kora plugin ${owner.plugin}`,
    schema,
    connections,
    terminate: async (pid) => void (await database.query('select pg_terminate_backend($1)', [pid])),
    onIdleError: options.onError,
  });
  const { server } = database;
  const place: Place = {
    schema,
    role,
    lent,
    way,
    server,
    batches,
    [Symbol.asyncDispose]: () => batches.close(),
  };
  try {
    if (!lent) await logIn(options, owner, place);
    return place;
  } catch (error) {
    await batches.close();
    throw error;
  }
}

/** Everything a plugin's statements need before them. */
export function roleStatements({ lent, role }: Place): BatchStatement[] {
  return lent ? [{ text: `set local role ${role}` }] : [];
}

async function arrange(options: PlaceOptions, owner: PlaceOwner): Promise<PlaceFound> {
  const { database } = options;
  const house = await houseOf(options);
  const verifier = verifierOf(owner.password);
  for (let tries = 0; ; tries += 1) {
    const found = await findPlace(database, owner.plugin, [house.runtime, house.owner]);
    refuseStrange(owner.plugin, found);
    const missing = missingStatements(found, house.owner, verifier);
    if (missing.length === 0) return found;
    try {
      await make(options, missing);
    } catch (error) {
      // Runtimes that start together make the same place: one is first, and the others find it.
      if (tries < mostTries && metAnother.has(codeOf(error))) continue;
      throw cannot(owner.plugin, error, missing);
    }
    if (tries >= mostTries) throw fault('KORA_INTERNAL', `the place of plugin ${owner.plugin} never stands`);
  }
}

/** Duplicates of a role or schema, and a catalog row that another session was changing. */
const metAnother: ReadonlySet<string> = new Set(['42710', '42P06', '23505', 'XX000']);
const mostTries = 3;

async function make({ database, asOwner }: PlaceOptions, statements: readonly string[]): Promise<void> {
  await asOwner(async (owner) => {
    // First, so that no login is ever there without it.
    if (database.server.kind !== 'url') await owner.query(fenceStatement);
    for (const statement of statements) await owner.query(statement);
  });
}

/** The roles that work for the house: the runtime's, and the one that owns the schema. */
async function houseOf({ database, asOwner }: PlaceOptions): Promise<{ runtime: string; owner: string }> {
  const who = async (db: Queryable): Promise<string> => {
    const [row] = await db.query<{ role: string }>('select current_user::text as role');
    return row?.role ?? '';
  };
  return { runtime: await who(database), owner: await asOwner(who) };
}

/** A role that was given something is not the wall it has to be. */
function refuseStrange(plugin: string, { role, hasRole, isPlain, reaches }: PlaceFound): void {
  if (!hasRole || (isPlain && reaches.length === 0)) return;
  const what = isPlain ? `could reach ${reaches.join(', ')}` : 'has rights on the server, or may not log in';
  throw fault('KORA_PLUGIN_STORE_REFUSED', `the database role ${role} of plugin ${plugin} ${what}`, {
    fix: isPlain ? `revoke that from ${role} and from public` : `drop role ${role}; Kora makes it anew`,
    details: { role, reaches },
  });
}

/** The first look inside, as the plugin itself. A password that is another one is set anew where that may be done. */
async function logIn(options: PlaceOptions, owner: PlaceOwner, place: Place): Promise<void> {
  const look = async (): Promise<void> => {
    const limits = { timeoutMs: loginMs, lockTimeoutMs: lockMs };
    const result = await place.batches.run([{ text: 'select session_user::text as me' }], limits);
    if (!result.ok) throw result.error;
    requireItself(owner.plugin, place, String(result.answers[0]?.rows[0]?.['me']));
  };
  try {
    await look();
  } catch (error) {
    if (isStoreAway(error) || isRefusal(error)) throw error;
    if (!isLoginRefused(error)) throw cannotLogIn(owner.plugin, place, error);
    const statement = passwordStatement(place.role, verifierOf(owner.password));
    await options
      .asOwner((db) => db.query(statement))
      .catch((cause: unknown) => {
        throw cannot(owner.plugin, cause, [statement]);
      });
    await look().catch((again: unknown) => {
      throw isStoreAway(again) || isRefusal(again) ? again : cannotLogIn(owner.plugin, place, again);
    });
  }
}

/** A pooler may know one login for whoever comes: then the plugin's is no wall at all. */
function requireItself(plugin: string, { role }: Place, me: string): void {
  if (me === role) return;
  throw fault(
    'KORA_PLUGIN_STORE_REFUSED',
    `plugin ${plugin} logs in to the database as ${role} and finds itself ${me}: something between gives everybody one login`,
    { fix: `let the pooler log in to the server as whoever asks it, or point KORA_DATABASE_URL past it` },
  );
}

function isRefusal(error: unknown): boolean {
  return error instanceof KoraError && error.code === 'KORA_PLUGIN_STORE_REFUSED';
}

function cannotLogIn(plugin: string, { role }: Place, cause: unknown): Error {
  return fault(
    'KORA_PLUGIN_STORE_REFUSED',
    `plugin ${plugin} cannot log in to the database as ${role}: ${messageOf(cause)}`,
    {
      fix: `let ${role} log in with its password, in pg_hba.conf and in a pooler that stands between`,
      cause,
    },
  );
}

/** Without the rights for it, the operator does it: the fix is what to run. */
function cannot(plugin: string, error: unknown, statements: readonly string[]): unknown {
  const code = codeOf(error instanceof Error && codeOf(error) === 'KORA_STORE_REFUSED' ? error.cause : error);
  if (code !== '42501') return error;
  return fault(
    'KORA_PLUGIN_STORE_REFUSED',
    `plugin ${plugin} keeps tables under a role of its own, and this server does not let Kora make it`,
    {
      fix: `as an administrator of the database: ${statements.join('; ')};`,
      details: { statements },
      cause: error,
    },
  );
}
