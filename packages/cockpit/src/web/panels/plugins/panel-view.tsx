import type { PanelView } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Fact, Facts } from '../../kit/facts.tsx';
import { count } from '../../kit/format.ts';
import { oneLine } from '../../kit/plain.ts';
import { type Column, Table } from '../../kit/table.tsx';
import { Line, Prose } from '../../kit/text.tsx';
import { type Tone, toneText } from '../../kit/tone.ts';

type Shown = Exclude<PanelView, { readonly kind: 'form' }>;
type Cell = string | number | boolean | null;

const tones = {
  plain: 'ink',
  good: 'ready',
  warn: 'paused',
  bad: 'stopped',
  dim: 'dim',
} as const satisfies Readonly<Record<string, Tone>>;

/** What a plugin shows, drawn by us: every word of it is text. */
export function DrawnView({ title, view }: { readonly title: string; readonly view: Shown }): ReactNode {
  if (view.kind === 'text')
    return (
      <div className="p-3">
        <Prose>{view.text}</Prose>
      </div>
    );
  if (view.kind === 'figures') {
    return (
      <div className="p-3">
        {view.figures.length === 0 ? <p className="text-dim">It shows no figure now.</p> : null}
        <Facts>
          {view.figures.map(({ label, value, unit, detail, tone = 'plain' }, at) => (
            <Fact key={`${at} ${label}`} name={oneLine(label)}>
              <span className={`text-lg ${toneText[tones[tone]]}`}>
                <CellText value={value} />
                {value === null || unit === undefined ? null : ` ${oneLine(unit)}`}
              </span>
              {detail === undefined ? null : <Line className="block text-xs text-dim">{detail}</Line>}
            </Fact>
          ))}
        </Facts>
      </div>
    );
  }
  const rows = view.rows.map((row, at) => ({ ...row, at }));
  return (
    <>
      <Table
        caption={oneLine(title)}
        columns={view.columns.map(columnOf)}
        rows={rows}
        keyOf={({ at }) => String(at)}
      />
      {rows.length === 0 ? <p className="px-3 py-4 text-dim">It shows no row now.</p> : null}
      {view.more === undefined || view.more === 0 ? null : (
        <p className="px-3 py-2 text-dim">and {count(view.more)} more</p>
      )}
    </>
  );
}

type View<Kind extends Shown['kind']> = Extract<Shown, { readonly kind: Kind }>;
type Row = View<'table'>['rows'][number] & { readonly at: number };

function columnOf({ name, label, align }: View<'table'>['columns'][number]): Column<Row> {
  const cell = ({ cells, tone = 'plain' }: Row): ReactNode => (
    <span className={toneText[tones[tone]]}>
      <CellText value={cells[name] ?? null} />
    </span>
  );
  return { name: oneLine(label), cell, ...(align === 'end' ? { align } : {}) };
}

/** Null reads "unknown". */
function CellText({ value }: { readonly value: Cell }): ReactNode {
  if (typeof value === 'boolean') return <Line>{value ? 'yes' : 'no'}</Line>;
  return <Line>{value === null ? null : String(value)}</Line>;
}
