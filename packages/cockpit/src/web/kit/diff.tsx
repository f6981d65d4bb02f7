import { type ReactNode, useState } from 'react';
import { Button } from './button.tsx';
import { plain } from './plain.ts';

/** One place that would be other. Null: it was not there, or will not be. */
export interface DiffLine {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What would be other, place by place: one column or two. Signs say it too, not the colour alone. */
export function Diff({ lines }: { readonly lines: readonly DiffLine[] }): ReactNode {
  const [split, setSplit] = useState(false);
  const [spaces, setSpaces] = useState(true);
  const shown = spaces ? lines : lines.filter(({ before, after }) => bare(before) !== bare(after));
  return (
    <div className="space-y-2">
      <div className="flex flex-wrap gap-2">
        <Button aria-pressed={split} onClick={() => setSplit(!split)}>
          {split ? 'One column' : 'Side by side'}
        </Button>
        <Button aria-pressed={!spaces} onClick={() => setSpaces(!spaces)}>
          {spaces ? 'Hide changes of spaces' : 'Show changes of spaces'}
        </Button>
      </div>
      {shown.length === 0 ? <p className="text-dim">Nothing but spaces would be other.</p> : null}
      <dl className="divide-y divide-line rounded-sm border border-line">
        {shown.map((line) => (
          <div key={line.path} className="space-y-1 p-2">
            <dt className="font-mono text-xs text-dim">{plain(line.path)}</dt>
            <dd className={split ? 'grid gap-2 sm:grid-cols-2' : 'space-y-1'}>
              <Side sign="−" text={line.before} tone="border-stopped" />
              <Side sign="+" text={line.after} tone="border-ready" />
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

interface SideProps {
  readonly sign: string;
  readonly text: string | null;
  readonly tone: string;
}

function Side({ sign, text, tone }: SideProps): ReactNode {
  return (
    <p
      className={`flex gap-2 border-l-4 bg-raised px-2 py-1 font-mono text-xs whitespace-pre-wrap wrap-anywhere ${tone}`}
    >
      <span aria-hidden="true">{sign}</span>
      <span className="sr-only">{sign === '+' ? 'after: ' : 'before: '}</span>
      {text === null ? <span className="text-dim">nothing</span> : plain(text)}
    </p>
  );
}

function bare(text: string | null): string | null {
  return text === null ? null : text.replaceAll(/\s+/g, ' ').trim();
}
