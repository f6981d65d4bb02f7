import { useEffect, useRef } from 'react';
import { oneLine } from '../kit/plain.ts';
import { needsOf } from '../store/needs.ts';
import { useModel } from '../store/use.ts';
import { useSettings } from './settings.ts';

/** Tells by the browser what newly needs the operator, while nobody looks at the page and they asked for it. */
export function Notifier(): null {
  const { notify } = useSettings();
  const lists = useModel((model) => model.lists);
  const known = useRef<ReadonlySet<string> | null>(null);
  useEffect(() => {
    const { items, unknown } = needsOf(lists);
    // What is not known yet is not new when it comes.
    if (unknown.length > 0) return;
    const before = known.current;
    known.current = new Set(items.map((need) => need.key));
    if (before === null || notify === 'off' || !document.hidden) return;
    if (!('Notification' in globalThis) || Notification.permission !== 'granted') return;
    for (const need of items) {
      if (before.has(need.key) || need.taken) continue;
      // By its tag the same need told by eight tabs is one note.
      const note = new Notification('Kora needs you', { body: oneLine(need.title), tag: need.key });
      note.addEventListener('click', () => {
        focus();
        note.close();
      });
    }
  }, [lists, notify]);
  return null;
}

/** Asks the browser; false when it, or the person, says no. */
export async function allowNotes(): Promise<boolean> {
  if (!('Notification' in globalThis)) return false;
  return (await Notification.requestPermission()) === 'granted';
}
