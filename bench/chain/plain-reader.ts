import pg from 'pg';
import { padding } from './contestant.ts';

/** `LISTEN/NOTIFY` plus a poll, in the plainest code that keeps its place: a row in a table, moved after each batch. */
export interface PlainReader {
  append(n: number): Promise<void>;
  close(): Promise<void>;
}

const pollMs = 1_000;
const batch = 500;

export async function plainReader(
  connection: pg.ClientConfig,
  onEvent: (n: number) => void,
): Promise<PlainReader> {
  const pool = new pg.Pool({ ...connection, max: 12 });
  await pool.query(
    `create table ev (id bigint generated always as identity primary key, type text not null, body text not null);
     create table place (reader text primary key, id bigint not null);
     insert into place values ('plain', 0)`,
  );
  const listener = new pg.Client(connection);
  await listener.connect();
  let again = false;
  let reading: Promise<void> | undefined;
  const readAll = async (): Promise<void> => {
    while (again) {
      again = false;
      if (await readBatch(pool, onEvent)) again = true;
    }
    reading = undefined;
  };
  const look = (): void => {
    again = true;
    reading ??= readAll();
  };
  listener.on('notification', look);
  await listener.query('listen ev');
  const poll = setInterval(look, pollMs);
  return {
    append: async (n) => {
      await pool.query(
        `with added as (insert into ev (type, body) values ('bench.noted', $1)) select pg_notify('ev', '')`,
        [JSON.stringify({ n, padding })],
      );
    },
    close: async () => {
      clearInterval(poll);
      await listener.end();
      await reading;
      await pool.end();
    },
  };
}

async function readBatch(pool: pg.Pool, onEvent: (n: number) => void): Promise<boolean> {
  const { rows } = await pool.query<{ id: string; body: string }>(
    `select id, body from ev where id > (select id from place where reader = 'plain') order by id limit ${batch}`,
  );
  for (const { body } of rows) onEvent((JSON.parse(body) as { n: number }).n);
  const last = rows.at(-1);
  if (last === undefined) return false;
  await pool.query(`update place set id = $1 where reader = 'plain'`, [last.id]);
  return true;
}
