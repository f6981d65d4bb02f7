import type { Clock } from '../../clock/index.ts';
import { connectionOn, openPool } from '../../store/index.ts';
import type { Database, Migration, Session } from '../../store/index.ts';
import type { CarriedPlace, PluginCarrier } from '../../transfer/index.ts';
import { applyLines } from './apply-lines.ts';
import { keptPassword } from './kept-password.ts';
import { openPlace } from './place.ts';
import type { Place } from './place.ts';
import { newPassword } from './verifier.ts';

/** Carries the tables of plugins into another database: role, schema, line and rows, each with the plugin's own rights. */
export function pluginCarrier(clock: Clock): PluginCarrier {
  return {
    open: async (target, { plugin, password = newPassword(), trusted }) => {
      // By this row the database knows whose login it is.
      await keptPassword(target, { plugin, password, trusted });
      const place = await openPlace(
        {
          database: target,
          clock,
          asOwner: (work) => work(target),
          // What is lost while it is carried fails the statement that meets it.
          onError: () => undefined,
        },
        { plugin, password, trusted },
      );
      return carried({ plugin, clock, target, place });
    },
  };
}

interface Parts {
  readonly plugin: string;
  readonly clock: Clock;
  readonly target: Database;
  readonly place: Place;
}

function carried({ plugin, clock, target, place }: Parts): CarriedPlace {
  return {
    schema: place.schema,
    migrate: async (lines) => {
      const builds = new Map(lines.map(({ number, build }) => [number, build]));
      const builtBy = ({ number }: Migration): string => builds.get(number) ?? '';
      const version = lines.at(-1)?.build ?? '';
      await applyLines(target, place, { plugin, version, packageName: plugin, builtBy }, lines);
    },
    session: (work) => (place.lent ? lentSession(target, place, work) : ownSession(place, clock, work)),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

async function ownSession<T>(
  { way, server }: Place,
  clock: Clock,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  await using own = openPool({
    connection: connectionOn(way),
    way,
    server,
    clock,
    connections: 1,
    // What is lost while rows move fails the statement that meets it.
    onIdleError: () => undefined,
  });
  return await own.session(work);
}

function lentSession<T>(
  target: Database,
  { role }: Place,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return target.session(async (session) => {
    await session.query(`set role ${role}`);
    try {
      return await work(session);
    } finally {
      await session.query('reset role');
    }
  });
}
