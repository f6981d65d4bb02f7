import { manyTicketsSchema, type TicketRow } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import type { z } from 'zod';
import { Link } from 'wouter';
import { Act } from '../../kit/act.tsx';
import { Button } from '../../kit/button.tsx';
import { counted } from '../../kit/format.ts';
import { plain } from '../../kit/plain.ts';
import { useScope } from '../../store/use-deeds.ts';
import { mostAtOnce, type Picks } from './picks.ts';
import { nothingMore, saidMore, VerbFields } from './ticket-acts.tsx';
import { type BulkVerb, bulkVerbs, mayDo, verbSpecs } from './verbs.ts';

type Results = z.infer<typeof manyTicketsSchema>['results'];

interface BulkProps {
  readonly picks: Picks;
  readonly clear: () => void;
}

/** What to do with all that are picked, and what became of each. Stays at the foot of the page while any is. */
export function Bulk({ picks, clear }: BulkProps): ReactNode {
  const [done, setDone] = useState<{ readonly verb: BulkVerb; readonly results: Results } | null>(null);
  const may = useScope('operate');
  const rows = [...picks.rows.values()];
  if (!may || (rows.length === 0 && done === null)) return null;
  return (
    <section
      aria-label="Picked tickets"
      className="sticky bottom-2 z-10 space-y-2 rounded-md border border-line-strong bg-surface p-3"
    >
      {done === null ? null : (
        <ItemReceipts verb={done.verb} results={done.results} close={() => setDone(null)} />
      )}
      {rows.length === 0 ? null : (
        <div className="flex flex-wrap items-center gap-2">
          <span className="mr-2 font-semibold tabular-nums">{counted(rows.length, 'ticket')} picked</span>
          {rows.length > mostAtOnce ? (
            <span className="text-paused">At most {mostAtOnce} at once.</span>
          ) : (
            bulkVerbs.map((verb) => (
              <BulkAct
                key={verb}
                verb={verb}
                rows={rows}
                onDone={(results) => {
                  setDone({ verb, results });
                  clear();
                }}
              />
            ))
          )}
          <Button onClick={clear}>Pick none</Button>
        </div>
      )}
    </section>
  );
}

interface BulkActProps {
  readonly verb: BulkVerb;
  readonly rows: readonly TicketRow[];
  readonly onDone: (results: Results) => void;
}

function BulkAct({ verb, rows, onDone }: BulkActProps): ReactNode {
  const [more, setMore] = useState(nothingMore);
  const { label, effect } = verbSpecs[verb];
  const title = `${label} ${counted(rows.length, 'ticket')}`;
  return (
    <Act
      label={label}
      title={title}
      needs="operate"
      path="/api/tickets/deed-many"
      answer={manyTicketsSchema}
      look={verb === 'cancel' ? 'stop' : 'plain'}
      body={() => ({
        ids: rows.map((row) => row.ticketId),
        verb,
        ...saidMore(verb, more),
      })}
      effect={
        <>
          <p>{previewWords(verb, rows)}</p>
          <p className="mt-1">Of each: {effect}</p>
        </>
      }
      onDone={({ results }) => onDone(results)}
    >
      <VerbFields verb={verb} more={more} onChange={setMore} />
    </Act>
  );
}

/** How many of them the verb would find something to do on, as they were seen last. */
export function previewWords(verb: BulkVerb, rows: readonly TicketRow[]): string {
  const can = rows.filter((row) => mayDo(verb, row)).length;
  const not = rows.length - can;
  const name = verbSpecs[verb].label.toLowerCase();
  return not === 0
    ? `${name} finds something to do on all ${rows.length}.`
    : `${name} finds something to do on ${can} of ${rows.length}; the other ${not} will be refused or stay as they are.`;
}

interface ItemReceiptsProps {
  readonly verb: BulkVerb;
  readonly results: Results;
  readonly close: () => void;
}

function ItemReceipts({ verb, results, close }: ItemReceiptsProps): ReactNode {
  const refused = results.filter((result) => !result.ok);
  const { label } = verbSpecs[verb];
  return (
    <div className="space-y-1">
      <div className="flex flex-wrap items-center gap-3">
        <span className={refused.length === 0 ? 'text-ready' : 'text-paused'}>
          {label}: done on {results.length - refused.length} of {results.length}
        </span>
        <Button onClick={close}>Dismiss</Button>
      </div>
      <ul aria-label="What became of each" tabIndex={0} className="max-h-40 overflow-y-auto">
        {[...refused, ...results.filter((result) => result.ok)].map((result) => (
          <li key={result.ticketId} className="flex gap-3 py-0.5">
            <Link href={`/tickets/${result.ticketId}`} className="font-mono text-xs underline">
              #{result.ticketId}
            </Link>
            {result.ok ? (
              <span className="text-ready">done</span>
            ) : (
              <span className="wrap-anywhere text-stopped">
                {plain(result.message ?? result.code ?? 'refused')}
              </span>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
