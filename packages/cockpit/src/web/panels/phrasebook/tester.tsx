import { phrasebookTestSchema } from '@kora/runtime/client';
import { type ReactNode, useId, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Panel } from '../../kit/panel.tsx';
import { useDetail } from '../../store/detail.ts';
import { Lookup } from './lookup.tsx';

export const phrasebookEvents: readonly string[] = ['phrasebook.'];

/** What would be said to a question now, by which entry; or why nothing would. */
export function Tester(): ReactNode {
  const id = useId();
  const [asked, setAsked] = useState('');
  return (
    <section aria-label="Tester" className="space-y-2">
      <form
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          const text = new FormData(event.currentTarget).get('text');
          setAsked(typeof text === 'string' ? text.trim() : '');
        }}
      >
        <label htmlFor={id} className="min-w-0 flex-1 space-y-1">
          <span className="text-xs text-dim">
            Try a question; nothing is thought about and nothing is kept
          </span>
          <input
            id={id}
            name="text"
            required
            maxLength={4_096}
            autoComplete="off"
            placeholder="cost so far"
            className="h-8 w-full rounded-sm border border-line-strong bg-surface px-2 placeholder:text-dim"
          />
        </label>
        <Button type="submit" look="main">
          Try
        </Button>
      </form>
      {asked === '' ? null : <Tried key={asked} text={asked} />}
    </section>
  );
}

function Tried({ text }: { readonly text: string }): ReactNode {
  const path = `/api/phrasebook/test?${new URLSearchParams({ text }).toString()}`;
  const { data, view } = useDetail(path, phrasebookTestSchema, phrasebookEvents);
  return (
    <Panel title={`“${text}”`} view={view} whenEmpty="" rows={2}>
      {data === null ? null : (
        <div className="space-y-1 p-3" aria-live="polite">
          <Lookup lookup={data.lookup} />
          <p className="text-xs text-dim">by version {data.version}</p>
        </div>
      )}
    </Panel>
  );
}
