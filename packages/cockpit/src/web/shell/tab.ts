import { useEffect } from 'react';
import { stateIconUrl } from '../kit/glyphs.tsx';
import { stateLooks } from '../kit/tone.ts';
import { needsOf } from '../store/needs.ts';
import { useLink, useModel } from '../store/use.ts';

/** `(2) Kora — PAUSED`: the browser's tab tells what one would look for. */
export function useTabTitle(page: string): void {
  const lists = useModel((model) => model.lists);
  const { verdict } = useLink();
  const believed = verdict === 'live' || verdict === 'connecting';
  const state = believed ? (lists.status.good?.data.primaryState ?? null) : null;
  const waiting = needsOf(lists).items.filter((need) => !need.taken).length;
  const word =
    state === null ? (believed ? '' : ' — LINK LOST') : ` — ${stateLooks[state].word.toUpperCase()}`;
  const title = `${waiting > 0 ? `(${waiting}) ` : ''}Kora${word} · ${page}`;
  useEffect(() => showTab(title, stateIconUrl(state)), [title, state]);
}

/** Sets what the browser's tab shows. */
export function showTab(title: string, iconUrl: string): void {
  document.title = title;
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (icon !== null && icon.href !== iconUrl) icon.href = iconUrl;
}
