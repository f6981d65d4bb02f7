import type { Scope } from '@kora/runtime/client';
import { type ReactNode, useRef, useState } from 'react';
import { useScope } from '../../store/use-deeds.ts';
import { Button } from '../button.tsx';
import { Doubt, useLost } from '../link-word.tsx';
import { oneLine, plain } from '../plain.ts';
import { ReasonField, reasonIn } from '../reason-field.tsx';
import { type Entered, enteredIn, FieldUnreadable } from './entered.ts';
import { Field, type FieldSpec, Values } from './field.tsx';

/** What came of it, for the line below the fields, and for the fields themselves. */
export interface Said {
  readonly text: ReactNode;
  readonly ok: boolean;
  /** Why it was refused, by the name of the field. */
  readonly wrong?: Readonly<Record<string, string>>;
}

interface FieldsFormProps {
  /** Names the form for those who do not see it. */
  readonly label: string;
  readonly fields: readonly FieldSpec[];
  readonly submit: string;
  /** Without it there are values, and nothing to fill in. */
  readonly needs: Scope;
  /** What would come of it, shown before it is asked for; null where nothing would be other. */
  readonly review?: (entered: Entered) => ReactNode;
  /** Does what is asked, and answers a word about it: what was done, or why it was not. */
  readonly onSubmit: (entered: Entered, reason: string) => Promise<Said>;
}

/** Fields from data, and the reason that every deed of the operator has. A plugin's words in it are text and no more. */
export function FieldsForm({ label, fields, submit, needs, review, onSubmit }: FieldsFormProps): ReactNode {
  const may = useScope(needs);
  const lost = useLost();
  const [busy, setBusy] = useState(false);
  // Known at once, and not with the next drawing: a second press of the same moment sends nothing.
  const under = useRef(false);
  const [said, setSaid] = useState<Said | null>(null);
  const [shown, show] = useState<ReactNode>(null);
  const open = fields.filter(({ closed }) => closed === undefined);
  const send = async (form: HTMLFormElement): Promise<void> => {
    if (under.current) return;
    const data = new FormData(form);
    const read = (name: string): string | null => {
      const value = data.get(name);
      return typeof value === 'string' ? value : null;
    };
    try {
      const entered = enteredIn(open, (name) => read(`field.${name}`));
      if (review !== undefined && shown === null) {
        const next = review(entered);
        setSaid(next === null ? { text: 'Nothing would be other.', ok: true } : null);
        show(next);
        return;
      }
      under.current = true;
      setBusy(true);
      const next = await onSubmit(entered, reasonIn(form));
      setSaid(next);
      // What was done is not asked for again by the next press: that one looks at the change first.
      if (next.ok) show(null);
    } catch (error) {
      setSaid(saidOf(error));
    } finally {
      under.current = false;
      setBusy(false);
    }
  };
  if (!may) return <Values fields={fields} />;
  return (
    <form
      aria-label={plain(label)}
      className="max-w-xl space-y-3 p-3"
      // What is typed after it was looked at is looked at again.
      onInput={(event) => {
        if (event.target instanceof HTMLElement && event.target.getAttribute('name') !== 'reason') show(null);
      }}
      onSubmit={(event) => {
        event.preventDefault();
        void send(event.currentTarget);
      }}
    >
      {fields.map((field) => (
        <Field key={field.name} field={field} wrong={said?.wrong?.[field.name]} />
      ))}
      <ReasonField />
      {shown === null ? null : (
        <div ref={intoView} role="group" aria-label="What would be other">
          {shown}
        </div>
      )}
      <Doubt />
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" disabled={busy || lost !== undefined || open.length === 0}>
          {review !== undefined && shown === null ? 'Look at the change' : oneLine(submit)}
        </Button>
        <div role="status" className={`wrap-anywhere ${said?.ok === false ? 'text-stopped' : 'text-ready'}`}>
          {said === null ? '' : typeof said.text === 'string' ? plain(said.text) : said.text}
        </div>
      </div>
    </form>
  );
}

/** It comes below what was filled in, and is what is to be read next. */
function intoView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'center' });
}

function saidOf(error: unknown): Said {
  const text = error instanceof Error ? error.message : String(error);
  return error instanceof FieldUnreadable
    ? { text, ok: false, wrong: { [error.field]: text } }
    : { text, ok: false };
}
