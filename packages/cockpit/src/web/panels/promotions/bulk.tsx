import { type ReactNode, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { counted } from '../../kit/format.ts';
import { plain } from '../../kit/plain.ts';
import { ReasonField, reasonIn } from '../../kit/reason-field.tsx';
import { useDeeds } from '../../store/use-deeds.ts';
import { type PromotionRow, promotionDetailSchema } from '@kora/runtime/client';

interface BulkProps {
  readonly rows: readonly PromotionRow[];
  readonly clear: () => void;
}

interface Result {
  readonly id: number;
  /** Null: it was rejected. */
  readonly why: string | null;
}

/** Rejects what is picked, each with the revision that was read. There is no such thing for agreeing. */
export function BulkReject({ rows, clear }: BulkProps): ReactNode {
  const [open, setOpen] = useState(false);
  const [results, setResults] = useState<readonly Result[]>([]);
  if (rows.length === 0 && results.length === 0) return null;
  return (
    <section
      aria-label="Picked proposals"
      className="sticky bottom-2 z-10 space-y-2 rounded-md border border-line-strong bg-surface p-3"
    >
      <Results results={results} />
      <div className="flex flex-wrap items-center gap-2">
        {rows.length === 0 ? null : (
          <>
            <span className="mr-2 font-semibold">{counted(rows.length, 'proposal')} picked</span>
            <Button aria-haspopup="dialog" onClick={() => setOpen(true)}>
              Reject
            </Button>
          </>
        )}
        <Button
          onClick={() => {
            setResults([]);
            clear();
          }}
        >
          {rows.length === 0 ? 'Dismiss' : 'Pick none'}
        </Button>
      </div>
      <Dialog title={`Reject ${counted(rows.length, 'proposal')}`} open={open} onClose={() => setOpen(false)}>
        <Form
          rows={rows}
          close={() => setOpen(false)}
          onDone={(done) => {
            setResults(done);
            setOpen(false);
            clear();
          }}
        />
      </Dialog>
    </section>
  );
}

function Results({ results }: { readonly results: readonly Result[] }): ReactNode {
  if (results.length === 0) return null;
  const refused = results.filter(({ why }) => why !== null);
  return (
    <div role="status">
      <p className={refused.length === 0 ? 'text-ready' : 'text-paused'}>
        {results.length - refused.length} of {results.length} rejected.
      </p>
      <ul>
        {refused.map(({ id, why }) => (
          <li key={id}>
            #{id}: {plain(why ?? '')}
          </li>
        ))}
      </ul>
    </div>
  );
}

interface FormProps extends Pick<BulkProps, 'rows'> {
  readonly close: () => void;
  readonly onDone: (results: readonly Result[]) => void;
}

function Form({ rows, close, onDone }: FormProps): ReactNode {
  const deeds = useDeeds();
  const [busy, setBusy] = useState(false);
  const reject = async (reason: string): Promise<void> => {
    setBusy(true);
    const results: Result[] = [];
    // One after the other: each is a word of its own, and a refusal stops none of the others.
    for (const row of rows) {
      const answered = await deeds.send({
        title: `Reject proposal #${row.id}`,
        path: `/api/promotions/${row.id}/reject`,
        body: { reason, revision: row.revision, digest: row.digest, idempotencyKey: crypto.randomUUID() },
        answer: promotionDetailSchema,
      });
      results.push({ id: row.id, why: answered.ok ? null : answered.fault.message });
    }
    onDone(results);
  };
  return (
    <form
      className="space-y-3 p-4"
      onSubmit={(event) => {
        event.preventDefault();
        void reject(reasonIn(event.currentTarget));
      }}
    >
      <p className="text-dim">
        Nothing is changed. Each comes back only when its evidence has doubled. One that has changed since it
        was listed is left alone.
      </p>
      <ul className="max-h-40 list-disc overflow-y-auto pl-6" tabIndex={0}>
        {rows.map((row) => (
          <li key={row.id}>
            #{row.id} {plain(row.title)}
          </li>
        ))}
      </ul>
      <ReasonField label="Reason (written on the chain of each)" />
      <div className="flex justify-end gap-2">
        <Button onClick={close}>Cancel</Button>
        <Button type="submit" look="main" disabled={busy}>
          {busy ? 'Rejecting…' : 'Reject'}
        </Button>
      </div>
    </form>
  );
}
