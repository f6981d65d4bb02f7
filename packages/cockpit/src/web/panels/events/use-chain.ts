import { eventSchema, type EventRow } from '@kora/runtime/client';
import { useEffect, useState } from 'react';
import { z } from 'zod';
import { type Fault, readList } from '../../api/read.ts';
import { useDetail } from '../../store/detail.ts';
import { useEventsView, useModel } from '../../store/use.ts';
import type { PanelView } from '../../store/view.ts';
import { ofType } from './filter.ts';

const listSchema = z.array(eventSchema);
const atOnce = 200;
const typingMs = 250;
const nothing: readonly string[] = [];
const noEvents: readonly EventRow[] = [];
/** How many newer events stand above one that an address names: it is read in its context. */
const above = 10;

export interface ChainPart {
  /** Newest first. */
  readonly rows: readonly EventRow[];
  readonly view: PanelView;
  /** Whether new events come in by themselves. */
  readonly live: boolean;
  /** Reads further back; null at the beginning. */
  readonly older: (() => void) | null;
  readonly fault: Fault | null;
}

interface Place {
  readonly type: string;
  /** An event to be shown in its context; empty: none. */
  readonly seq: string;
  /** The position as of which the chain is shown; empty: live. */
  readonly at: string;
}

/** A part of the chain: its live end, or what lies around one place. */
export function useChain(place: Place): ChainPart {
  const start = startOf(place);
  const type = useSettled(place.type);
  const live = useModel((model) => model.events);
  const path = pathOf(type, start);
  const first = useDetail(path, listSchema, nothing);
  const [back, setBack] = useState<Back>(noPart);
  const more = back.path === path ? back : noPart;
  const fetched = [...(first.data ?? []), ...more.rows];
  const rows = ofType(fetched, start === null ? live : noEvents, place.type);
  const eventsView = useEventsView(false);
  const last = rows.at(-1)?.seq;
  const ended = last === undefined || last <= 1 || more.ended || first.data === null;
  const older = async (): Promise<void> => {
    if (last === undefined || more.busy) return;
    setBack({ ...more, path, busy: true });
    const answer = await readList(pathOf(type, last), listSchema);
    if (!answer.ok) setBack({ ...more, path, busy: false, fault: answer.fault });
    else
      setBack({
        path,
        busy: false,
        rows: [...more.rows, ...answer.data],
        ended: answer.data.length < atOnce,
        fault: null,
      });
  };
  return {
    rows,
    view: start === null ? eventsView : first.view,
    live: start === null,
    older: ended ? null : () => void older(),
    fault: more.fault,
  };
}

interface Back {
  readonly path: string;
  readonly rows: readonly EventRow[];
  readonly ended: boolean;
  readonly busy: boolean;
  readonly fault: Fault | null;
}

const noPart: Back = { path: '', rows: [], ended: false, busy: false, fault: null };

/** The first sequence that is not shown; null: the end of the chain, live. */
export function startOf({ seq, at }: Pick<Place, 'seq' | 'at'>): number | null {
  if (/^\d{1,15}$/.test(at)) return Number(at) + 1;
  return /^\d{1,15}$/.test(seq) ? Number(seq) + above + 1 : null;
}

function pathOf(type: string, before: number | null): string {
  const query = new URLSearchParams({ order: 'desc', limit: String(atOnce) });
  if (type !== '') query.set('type', type);
  if (before !== null) query.set('before', String(before));
  return `/api/chain-events?${query.toString()}`;
}

/** What is typed, once it stands still. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), typingMs);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
