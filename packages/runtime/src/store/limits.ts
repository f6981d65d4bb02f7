import type pg from 'pg';
import { messageOf } from '../fault/index.ts';

const idleInTransactionMs = 60_000;
/** How long the server's own word on a statement that takes too long is waited for, before the connection is given up. */
const answerGraceMs = 5_000;
/** The longest a timer holds. */
const endlessMs = 2 ** 31 - 1;

/**
 * For statements that are their own transaction. A transaction brings its limits along (`beginOf`): behind a pooler it
 * may run on a connection that somebody else has set up.
 */
export function sessionOf(statementTimeoutMs: number, lockTimeoutMs: number): pg.ClientConfig {
  return {
    statement_timeout: statementTimeoutMs,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
  };
}

/** One message, so that limits cost no round trip; local, so that they end with the transaction. */
export function beginOf(statementTimeoutMs: number, lockTimeoutMs: number): string {
  return (
    `begin; set local statement_timeout = ${statementTimeoutMs}; set local lock_timeout = ${lockTimeoutMs}; ` +
    `set local idle_in_transaction_session_timeout = ${idleInTransactionMs}`
  );
}

/** A statement, and how long an answer of any kind is waited for. */
export interface TimedQuery extends pg.QueryConfig {
  readonly query_timeout: number;
}

export function timed(
  text: string,
  values: readonly unknown[],
  statementTimeoutMs: number,
  name?: string,
): TimedQuery {
  const endless = statementTimeoutMs === 0;
  return {
    text,
    ...(name === undefined ? {} : { name }),
    values: [...values],
    query_timeout: endless ? endlessMs : statementTimeoutMs + answerGraceMs,
  };
}

/** The driver gave up waiting, and the connection still waits for the answer: nobody else may have it. */
export function isSilence(error: unknown): boolean {
  return messageOf(error) === 'Query read timeout';
}
