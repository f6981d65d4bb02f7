import type { messageLogSchema } from '@kora/runtime/client';
import type { z } from 'zod';

export type LogRow = z.infer<typeof messageLogSchema>['rows'][number];

/** The sides of the inbox: the threads of what was told, and the log of what passed the channels. */
export const sides = ['told', 'sent', 'received', 'refused'] as const;
export type Side = (typeof sides)[number];

/** The side that the address asks for; an unknown one is the threads. */
export function sideOf(name: string): Side {
  return sides.find((side) => side === name) ?? 'told';
}

export interface LogAsked {
  readonly side: Exclude<Side, 'told'>;
  /** Empty: all of them. */
  readonly channel: string;
  readonly status: string;
}

const perPage = 100;

/** The address of a part of the log. */
export function logPath({ side, channel, status }: LogAsked, before: string | null = null): string {
  const query = new URLSearchParams({ direction: side === 'sent' ? 'out' : 'in', limit: String(perPage) });
  if (side === 'refused') query.set('status', 'refused');
  else if (status !== '') query.set('status', status);
  if (channel !== '') query.set('channel', channel);
  if (before !== null) query.set('before', before);
  return `/api/message-log?${query.toString()}`;
}

/** What a side shows of what was read: what was turned away has a side of its own. */
export function ofSide(rows: readonly LogRow[], side: LogAsked['side']): readonly LogRow[] {
  return side === 'received' ? rows.filter((row) => row.status !== 'refused') : rows;
}

/** The states in which a message of a side can be. */
export const statusesOf: Readonly<Record<LogAsked['side'], readonly string[]>> = {
  sent: ['pending', 'delivered', 'failed', 'withdrawn'],
  received: ['received', 'waiting', 'working', 'answered', 'ended', 'quarantined'],
  refused: [],
};

/** Both, each row once: the first list has the newer word. */
export function unitedRows(newer: readonly LogRow[], older: readonly LogRow[]): readonly LogRow[] {
  const known = new Set(newer.map((row) => row.key));
  return [...newer, ...older.filter((row) => !known.has(row.key))];
}
