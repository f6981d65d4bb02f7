import { phrasebookSchema, phrasebookVersionSchema, type PhrasebookView } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { type Fault, readList } from '../../api/read.ts';
import { Act, Refusal } from '../../kit/act.tsx';
import { Button } from '../../kit/button.tsx';
import { Diff, type DiffLine } from '../../kit/diff.tsx';
import { counted } from '../../kit/format.ts';
import { added, changed, differenceOf, draftsOf, type Draft, moved, overlayOf, removed } from './entries.ts';
import { EntryForm } from './entry-form.tsx';
import { Preview } from './preview.tsx';

interface EditorProps {
  readonly book: PhrasebookView;
  readonly close: () => void;
}

/**
 * The operator's own entries, written on: what would be other is shown first, and saving names the version that was
 * read, so that what somebody else wrote meanwhile is not lost.
 */
export function Editor({ book, close }: EditorProps): ReactNode {
  // What was read when the writing began; a newer version must not slip in beneath it.
  const [read] = useState(book);
  const [drafts, setDrafts] = useState<readonly Draft[]>(() => draftsOf(book.overlay));
  const overlay = overlayOf(drafts);
  const lines = differenceOf(read.overlay, overlay);
  return (
    <section
      aria-label="Your entries"
      className="space-y-3 rounded-md border border-line-strong bg-surface p-3 text-ink"
    >
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="font-semibold">Your entries</h2>
        <span className="text-dim">
          They are asked before what came with Kora, the first one first. From version {read.version}.
        </span>
      </header>
      {book.version === read.version ? null : (
        <p className="text-paused">
          Version {book.version} is in force now: saving this will be refused until you begin from it.
        </p>
      )}
      <ol className="space-y-3">
        {drafts.map((draft, place) => (
          <li key={draft.key}>
            <EntryForm
              draft={draft}
              place={place + 1}
              change={(part) => setDrafts(changed(drafts, draft.key, part))}
              move={(step) => setDrafts(moved(drafts, draft.key, step))}
              remove={() => setDrafts(removed(drafts, draft.key))}
            />
          </li>
        ))}
      </ol>
      <Button onClick={() => setDrafts(added(drafts))}>Add an entry</Button>
      {lines.length === 0 ? (
        <p className="text-dim">Nothing is other than it was.</p>
      ) : (
        <Diff lines={lines} />
      )}
      <Preview overlay={overlay} />
      <div className="flex justify-end gap-2">
        <Button onClick={close}>Leave as it was</Button>
        {lines.length === 0 ? null : (
          <Act
            label="Save"
            title="Change the phrasebook"
            needs="admin"
            path="/api/phrasebook/edit"
            answer={phrasebookVersionSchema}
            body={() => ({ overlay, expectedVersion: read.version })}
            effect={`${counted(lines.length, 'entry', 'entries')} would be other. It answers from then on, as a new version.`}
            command={`kora phrasebook edit --file phrasebook.yaml --reason "…"`}
            onDone={close}
            onRefused={(fault) => refusalOf(fault, read)}
          />
        )}
      </div>
    </section>
  );
}

function refusalOf(fault: Fault, read: PhrasebookView): ReactNode {
  return fault.code === 'KORA_PHRASEBOOK_CHANGED' ? <ChangedSince read={read} /> : <Refusal fault={fault} />;
}

type Since =
  | { readonly state: 'unasked' }
  | { readonly state: 'told'; readonly version: number; readonly lines: readonly DiffLine[] }
  | { readonly state: 'refused'; readonly why: ReactNode };

/** Somebody else saved in between: what they changed, on demand. Nothing of this draft is lost. */
function ChangedSince({ read }: { readonly read: PhrasebookView }): ReactNode {
  const [since, setSince] = useState<Since>({ state: 'unasked' });
  const look = async (): Promise<void> => {
    const answer = await readList('/api/phrasebook', phrasebookSchema);
    if (!answer.ok) return setSince({ state: 'refused', why: <Refusal fault={answer.fault} /> });
    const { version, overlay } = answer.data;
    return setSince({ state: 'told', version, lines: differenceOf(read.overlay, overlay) });
  };
  return (
    <div className="space-y-2">
      <p className="text-stopped">
        Changed since you opened it: nothing was saved, and your draft is still here.
      </p>
      {since.state === 'unasked' ? <Button onClick={() => void look()}>What was changed?</Button> : null}
      {since.state === 'refused' ? since.why : null}
      {since.state === 'told' ? (
        <>
          <p className="text-dim">
            From version {read.version} to {since.version}:
          </p>
          <Diff lines={since.lines} />
        </>
      ) : null}
    </div>
  );
}
