import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';
import { connectionsFor, padding } from './contestant.ts';
import type { Appender, Contestant } from './contestant.ts';
import { urlOf } from '../server/server.ts';

/** The floor: nothing but a durable row. */
export const bareInsert: Contestant = {
  name: 'bare one-row insert',
  gives: 'a row; no order, no hash',
  open: async (connection, lanes) => {
    const pool = new pg.Pool({ ...connection, max: connectionsFor(lanes) });
    await pool.query(
      `create table bare (id bigint generated always as identity primary key, type text not null, body text not null,
         at timestamptz not null default clock_timestamp())`,
    );
    return over(
      pool,
      (n) => pool.query('insert into bare (type, body) values ($1, $2)', ['bench.noted', bodyOf(n)]),
      'bare',
    );
  },
};

/** What most audit chains in the wild do: a function that locks the head, hashes, inserts and moves the head. */
export const functionChain: Contestant = {
  name: 'PL/pgSQL chain append',
  gives: 'gapless order and SHA-256 links, one commit an event',
  open: async (connection, lanes) => {
    const pool = new pg.Pool({ ...connection, max: connectionsFor(lanes) });
    await pool.query(chainFunction);
    return over(pool, (n) => pool.query('select append($1, $2)', ['bench.noted', bodyOf(n)]), 'link');
  },
};

/** One stream for each caller: on a single stream its optimistic check turns callers away. */
export const emmett: Contestant = {
  name: 'emmett-postgresql append',
  gives: 'order per stream, optimistic; no hash',
  open: async (connection, lanes) => {
    const pool = new pg.Pool({ ...connection, max: connectionsFor(lanes) });
    const store = getPostgreSQLEventStore(urlOf(connection), { connectionOptions: { pool } });
    await store.schema.migrate();
    return {
      append: async (lane, n) => {
        await store.appendToStream(`lane-${lane}`, [{ type: 'bench.noted', data: { n, padding } }]);
      },
      settle: () => Promise.resolve(),
      count: () => countOf(pool, 'emt_messages'),
      close: async () => {
        await store.close();
        if (!pool.ended) await pool.end();
      },
    };
  },
};

function over(pool: pg.Pool, insert: (n: number) => Promise<unknown>, table: string): Appender {
  return {
    append: async (_lane, n) => {
      await insert(n);
    },
    settle: () => Promise.resolve(),
    count: () => countOf(pool, table),
    close: () => pool.end(),
  };
}

async function countOf(pool: pg.Pool, table: string): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(`select count(*) as count from ${table}`);
  return Number(rows[0]?.count ?? 0);
}

function bodyOf(n: number): string {
  return JSON.stringify({ n, padding });
}

const chainFunction = `
  create table head (one int primary key, seq bigint not null, hash bytea not null);
  insert into head values (1, 0, decode(repeat('00', 32), 'hex'));
  create table link (seq bigint primary key, type text not null, body text not null,
    at timestamptz not null, prev bytea not null, hash bytea not null);
  create function append(kind text, content text) returns bigint language plpgsql as $$
  declare
    last head%rowtype;
    stamp timestamptz := clock_timestamp();
    mark bytea;
  begin
    select * into last from head where one = 1 for update;
    mark := sha256(last.hash || convert_to((last.seq + 1) || '|' || kind || '|' || stamp || '|' || content, 'UTF8'));
    insert into link values (last.seq + 1, kind, content, stamp, last.hash, mark);
    update head set seq = last.seq + 1, hash = mark where one = 1;
    return last.seq + 1;
  end $$`;
