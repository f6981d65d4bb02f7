import { type ReasonAnswerRow, reasonAnswerSchema } from '@kora/runtime/client';
import { type ReactNode, useId, useState } from 'react';
import { Link } from 'wouter';
import { Refusal } from '../../kit/act.tsx';
import { Button } from '../../kit/button.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { duration, span } from '../../kit/format.ts';
import { Markdown } from '../../kit/markdown.tsx';
import { microDollars } from '../../kit/money.ts';
import { plain } from '../../kit/plain.ts';
import { Code } from '../../kit/text.tsx';
import { useDeeds, useScope } from '../../store/use-deeds.ts';
import { useNow } from '../../store/use.ts';

/** As long as a run may take by its own limits, and a little. */
const patienceMs = 905_000;

interface AskProps {
  readonly label?: string;
  /** What the question begins with. */
  readonly begins?: string;
}

/** Asks from the page whoever thinks here. Without the scope there is no button. */
export function AskButton({ label = 'Ask a question', begins = '' }: AskProps): ReactNode {
  const may = useScope('operate');
  const [open, setOpen] = useState(false);
  if (!may) return null;
  return (
    <>
      <Button aria-haspopup="dialog" onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Dialog title={label} wide open={open} onClose={() => setOpen(false)}>
        <Ask begins={begins} close={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

type Asked =
  | { readonly state: 'writing' }
  | { readonly state: 'thinking'; readonly since: number }
  | { readonly state: 'said'; readonly answer: ReasonAnswerRow }
  | { readonly state: 'refused'; readonly why: ReactNode };

function Ask({ begins, close }: { readonly begins: string; readonly close: () => void }): ReactNode {
  const deeds = useDeeds();
  const id = useId();
  const [asked, setAsked] = useState<Asked>({ state: 'writing' });
  const ask = async (form: FormData): Promise<void> => {
    setAsked({ state: 'thinking', since: Date.now() });
    const answered = await deeds.send({
      title: 'Ask a question',
      path: '/api/reason/ask',
      // A key of its own: a connection that breaks does not make it be thought about twice.
      body: { ...wishOf(form), key: crypto.randomUUID() },
      answer: reasonAnswerSchema,
      timeoutMs: patienceMs,
    });
    if (answered.ok) setAsked({ state: 'said', answer: answered.data });
    else setAsked({ state: 'refused', why: <Refusal fault={answered.fault} /> });
  };
  return (
    <form
      className="space-y-3 p-4"
      onSubmit={(event) => {
        event.preventDefault();
        void ask(new FormData(event.currentTarget));
      }}
    >
      <p className="text-dim">
        It is thought about now, with the tools that a question of yours may use, and its cost counts.
      </p>
      <label htmlFor={id} className="block space-y-1">
        <span className="text-xs text-dim">Question</span>
        <textarea
          id={id}
          name="text"
          required
          defaultValue={begins}
          maxLength={60_000}
          rows={4}
          autoFocus
          className="w-full rounded-sm border border-line-strong bg-surface p-2"
        />
      </label>
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
        <label className="inline-flex items-center gap-2">
          <input type="checkbox" name="verdict" />
          With a verdict whose claims name their evidence
        </label>
        <label className="inline-flex items-center gap-2">
          <input type="checkbox" name="think" />
          Not from the phrasebook
        </label>
        <label className="inline-flex items-center gap-2">
          At most $
          <input
            name="most"
            type="number"
            min="0"
            step="any"
            className="h-8 w-24 rounded-sm border border-line-strong bg-surface px-2"
          />
        </label>
      </div>
      <Came asked={asked} />
      <div className="flex justify-end gap-2">
        <Button onClick={close}>{asked.state === 'thinking' ? 'Close; it goes on' : 'Close'}</Button>
        <Button type="submit" look="main" disabled={asked.state === 'thinking'}>
          {asked.state === 'thinking' ? 'Thinking…' : 'Ask'}
        </Button>
      </div>
    </form>
  );
}

/** The body of the question; what was left empty is left out. */
export function wishOf(form: FormData): object {
  const most = Number.parseFloat(textOf(form, 'most'));
  return {
    text: textOf(form, 'text'),
    route: 'cockpit',
    ...(form.get('verdict') === null ? {} : { verdict: true }),
    ...(form.get('think') === null ? {} : { phrasebook: false }),
    ...(Number.isNaN(most) ? {} : { limits: { costMicroUsd: Math.round(most * 1_000_000) } }),
  };
}

function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

function Came({ asked }: { readonly asked: Asked }): ReactNode {
  switch (asked.state) {
    case 'writing':
      return null;
    case 'thinking':
      return <Thinking since={asked.since} />;
    case 'refused':
      return <div role="alert">{asked.why}</div>;
    case 'said':
      return <Said answer={asked.answer} />;
  }
}

function Thinking({ since }: { readonly since: number }): ReactNode {
  const now = useNow();
  return <p className="text-active tabular-nums">Thinking for {span(Math.max(0, now - since))}.</p>;
}

function Said({ answer }: { readonly answer: ReasonAnswerRow }): ReactNode {
  const { runId, status, by, text, error, why, receipt } = answer;
  return (
    <section
      aria-label="Answer"
      className="max-h-[45dvh] space-y-2 overflow-y-auto border-t border-line pt-3"
      tabIndex={0}
    >
      {text === '' ? null : <Markdown>{text}</Markdown>}
      {status === 'answered' ? null : (
        <p className="text-paused">
          {status}
          {why === null ? null : `: ${plain(why)}`} {error === null ? null : <Code>{error}</Code>}
        </p>
      )}
      <p className="text-xs text-dim tabular-nums">
        by {by === 'engine' ? plain(receipt.model ?? 'an engine') : by} · {microDollars(receipt.costMicroUsd)}{' '}
        · {duration(receipt.durationMs)} ·{' '}
        <Link href={`/reasoning/${encodeURIComponent(runId)}`} className="text-active underline">
          how it was thought
        </Link>
      </p>
    </section>
  );
}
