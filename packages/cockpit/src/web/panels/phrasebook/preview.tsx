import { type PhrasebookPreview, phrasebookPreviewSchema } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { sendDeed } from '../../api/deed.ts';
import { Refusal } from '../../kit/act.tsx';
import { Button } from '../../kit/button.tsx';
import { count, counted } from '../../kit/format.ts';
import { Ago, Line } from '../../kit/text.tsx';
import type { Entry } from './entries.ts';
import { Lookup } from './lookup.tsx';

type Previewed =
  | { readonly state: 'unasked' | 'asking' }
  | { readonly state: 'told'; readonly of: string; readonly preview: PhrasebookPreview }
  | { readonly state: 'refused'; readonly why: ReactNode };

/** What these entries would have changed about the questions that were asked. It changes nothing, so it is no deed. */
export function Preview({ overlay }: { readonly overlay: readonly Entry[] }): ReactNode {
  const [previewed, setPreviewed] = useState<Previewed>({ state: 'unasked' });
  const of = JSON.stringify(overlay);
  const ask = async (): Promise<void> => {
    setPreviewed({ state: 'asking' });
    const answered = await sendDeed('/api/phrasebook/preview', { overlay }, phrasebookPreviewSchema);
    if (answered.ok) setPreviewed({ state: 'told', of, preview: answered.data });
    else setPreviewed({ state: 'refused', why: <Refusal fault={answered.fault} /> });
  };
  return (
    <div className="space-y-2">
      <Button onClick={() => void ask()} disabled={previewed.state === 'asking'}>
        {previewed.state === 'asking' ? 'Looking…' : 'Preview on what was asked'}
      </Button>
      <div aria-live="polite">
        {previewed.state === 'refused' ? previewed.why : null}
        {previewed.state === 'told' ? <Told {...previewed} isOld={previewed.of !== of} /> : null}
      </div>
    </div>
  );
}

interface ToldProps {
  readonly preview: PhrasebookPreview;
  readonly isOld: boolean;
}

function Told({ preview, isOld }: ToldProps): ReactNode {
  const { questions, answeredBefore, answeredAfter, changes } = preview;
  return (
    <div className="space-y-2">
      <p className="tabular-nums">
        Of {counted(questions, 'question')} {count(answeredBefore)} were known, {count(answeredAfter)} would
        be; {counted(changes.length, 'answer')} would be other.
      </p>
      {isOld ? <p className="text-paused">The entries were changed since: preview again.</p> : null}
      <ul
        className="max-h-96 divide-y divide-line overflow-y-auto rounded-sm border border-line"
        tabIndex={0}
      >
        {changes.map((change) => (
          <li key={change.text} className="space-y-1 p-2">
            <p className="flex flex-wrap gap-x-3">
              <Line className="font-semibold">{change.text}</Line>
              <span className="text-dim">
                {counted(change.times, 'time')}, last <Ago at={change.lastAt} />
              </span>
            </p>
            <div className="grid gap-2 sm:grid-cols-2">
              <Side sign="before">
                <Lookup lookup={change.before} />
              </Side>
              <Side sign="after">
                <Lookup lookup={change.after} />
              </Side>
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Side({ sign, children }: { readonly sign: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className={`border-l-4 pl-2 ${sign === 'after' ? 'border-ready' : 'border-stopped'}`}>
      <span className="text-xs text-dim">{sign}</span>
      {children}
    </div>
  );
}
