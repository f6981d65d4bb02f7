import type { Queryable } from '../../store/index.ts';
import type { PlaceOwner } from './place.ts';

/** One password for all runtimes of this store: the first that is brought stays. Who is trusted now is kept beside it. */
export async function keptPassword(
  db: Queryable,
  { plugin, password, trusted }: PlaceOwner,
): Promise<string> {
  const [row] = await db.query<{ password: string }>(
    `insert into kora.plugin_role as kept (plugin, password, trusted) values ($1, $2, $3)
     on conflict (plugin) do update set trusted = excluded.trusted returning kept.password`,
    [plugin, password, trusted],
  );
  return row?.password ?? password;
}
