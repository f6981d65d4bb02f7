import { type ReactNode, useEffect, useRef, useState } from 'react';
import { stateLooks } from '../kit/tone.ts';
import type { LinkVerdict } from '../store/link.ts';
import { needsOf } from '../store/needs.ts';
import type { DeedRow } from '../store/deeds.ts';
import { useReceipts } from '../store/use-deeds.ts';
import { useLink, useModel } from '../store/use.ts';

/** What a person who does not see the page should be told of. */
export interface Told {
  readonly state: string | null;
  readonly verdict: LinkVerdict;
  readonly needs: readonly { readonly key: string; readonly title: string }[] | null;
  /** What the operator asked for in this tab, and how far it got. */
  readonly deeds: readonly Pick<DeedRow, 'id' | 'title' | 'phase'>[];
}

/** What is said of a deed; what is on its way yet is not. */
const outcomes = {
  done: 'done',
  unconfirmed: 'no confirmation yet',
  refused: 'refused',
} as const;

/** The sentences that lie between two pictures. Ticking values never come in. */
export function sentences(before: Told, after: Told): string[] {
  const said: string[] = [];
  if (before.state !== null && after.state !== null && before.state !== after.state)
    said.push(`Kora is ${after.state}.`);
  if (before.verdict !== after.verdict) {
    if (after.verdict === 'stale' || after.verdict === 'offline')
      said.push('The link to the runtime is lost.');
    else if (after.verdict === 'live' && before.verdict !== 'connecting') said.push('The link is back.');
  }
  if (before.needs !== null && after.needs !== null) {
    const known = new Set(before.needs.map((need) => need.key));
    const fresh = after.needs.filter((need) => !known.has(need.key));
    const [first] = fresh;
    if (fresh.length === 1 && first !== undefined) said.push(`Needs you: ${first.title}.`);
    else if (fresh.length > 1) said.push(`${fresh.length} new things need you.`);
  }
  return [...said, ...deedSentences(before, after)];
}

function deedSentences(before: Told, after: Told): string[] {
  const known = new Map(before.deeds.map(({ id, phase }) => [id, phase]));
  return after.deeds.flatMap(({ id, title, phase }) => {
    if (phase === 'sending' || phase === 'accepted' || known.get(id) === phase) return [];
    return [`${title}: ${outcomes[phase]}.`];
  });
}

const quietMs = 5_000;

/** The page's one live region: at most one message in 5 s, merged. */
export function Announcer(): ReactNode {
  const told = useTold();
  const last = useRef(told);
  const waiting = useRef<string[]>([]);
  const [message, setMessage] = useState('');
  useEffect(() => {
    waiting.current.push(...sentences(last.current, told));
    last.current = told;
  }, [told]);
  useEffect(() => {
    const timer = setInterval(() => {
      if (waiting.current.length > 0) setMessage(waiting.current.splice(0).join(' '));
    }, quietMs);
    return () => clearInterval(timer);
  }, []);
  return (
    <p role="status" aria-live="polite" className="sr-only">
      {message}
    </p>
  );
}

function useTold(): Told {
  const lists = useModel((model) => model.lists);
  const { verdict } = useLink();
  const state = lists.status.good === null ? null : stateLooks[lists.status.good.data.primaryState].word;
  const { items, unknown } = needsOf(lists);
  const needs = unknown.length > 0 ? null : items;
  return { state, verdict, needs, deeds: useReceipts() };
}
