import { type BoardTicket, lanePageSchema } from '@kora/runtime/client';
import { useRef, useState } from 'react';
import { type Fault, readList } from '../../api/read.ts';
import { useDetail } from '../../store/detail.ts';
import type { LaneName } from '../../store/lanes.ts';
import { ticketEvents } from '../../store/sources.ts';
import type { PanelView } from '../../store/view.ts';

export type LaneTicket = BoardTicket & { readonly costMicroUsd: number | null };

export interface LaneRead {
  /** Null while none were read. */
  readonly rows: readonly LaneTicket[] | null;
  /** How many fit; null where nobody counted. */
  readonly total: number | null;
  readonly view: PanelView;
  /** Reads the next ones; does nothing while it reads or when there are no more. */
  readonly more: () => void;
  /** Why the last of them did not come. */
  readonly fault: Fault | null;
}

export interface LaneAsked {
  readonly lane: LaneName;
  /** age, cost, priority; empty: the runtime's order. */
  readonly sort: string;
  readonly q: string;
}

const perPage = 200;
const sorts: readonly string[] = ['age', 'cost', 'priority'];

/** The address of a part of a lane. */
export function lanePath({ lane, sort, q }: LaneAsked, after: string | null = null): string {
  const query = new URLSearchParams({ lane, limit: String(perPage) });
  if (sorts.includes(sort)) query.set('sort', sort);
  if (q.trim() !== '') query.set('q', q.trim().slice(0, 200));
  if (after !== null) query.set('after', after);
  return `/api/sea-tickets/lane?${query.toString()}`;
}

interface Further {
  readonly path: string;
  readonly rows: readonly LaneTicket[];
  readonly next: string | null;
  readonly fault: Fault | null;
}

/** One lane of any length: its beginning is kept true, what lies further is read when it comes into sight. */
export function useLane(asked: LaneAsked): LaneRead {
  const path = lanePath(asked);
  const { data, view } = useDetail(path, lanePageSchema, ticketEvents);
  const [further, setFurther] = useState<Further | null>(null);
  const reading = useRef<string | null>(null);
  const here = further?.path === path ? further : null;
  const next = here === null ? (data?.next ?? null) : here.next;
  const read = async (after: string): Promise<void> => {
    reading.current = path + after;
    const answer = await readList(lanePath(asked, after), lanePageSchema);
    reading.current = null;
    const rows = here?.rows ?? [];
    if (!answer.ok) setFurther({ path, rows, next: null, fault: answer.fault });
    else setFurther({ path, rows: united(rows, answer.data.tickets), next: answer.data.next, fault: null });
  };
  return {
    rows: data === null ? null : united(data.tickets, here?.rows ?? []),
    total: data?.total ?? null,
    view,
    more: () => {
      if (next !== null && reading.current !== path + next) void read(next);
    },
    fault: here?.fault ?? null,
  };
}

/** Both, each ticket once: the first list has the newer word. */
export function united(newer: readonly LaneTicket[], older: readonly LaneTicket[]): readonly LaneTicket[] {
  const known = new Set(newer.map((row) => row.ticketId));
  return older.length === 0 ? newer : [...newer, ...older.filter((row) => !known.has(row.ticketId))];
}
