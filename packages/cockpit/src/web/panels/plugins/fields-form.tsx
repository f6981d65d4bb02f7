import type { FormField } from '@kora/runtime/client';
import { type ReactNode, useId, useState } from 'react';
import { oneLine, plain } from '../../kit/plain.ts';
import { ReasonField, reasonIn } from '../../kit/reason-field.tsx';
import { type Entered, enteredIn } from './entered.ts';

/** What came of it, for the line below the fields. */
export interface Said {
  readonly text: string;
  readonly ok: boolean;
}

interface FieldsFormProps {
  /** Names the form for those who do not see it. */
  readonly label: string;
  readonly fields: readonly FormField[];
  readonly submit: string;
  /** Does what is asked, and answers a word about it: what was done, or why it was not. */
  readonly onSubmit: (entered: Entered, reason: string) => Promise<Said>;
}

const box = 'w-full rounded-sm border border-line-strong bg-surface px-2';

/** Fields from data, and the reason that every deed of the operator has. A plugin's words in it are text and no more. */
export function FieldsForm({ label, fields, submit, onSubmit }: FieldsFormProps): ReactNode {
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<Said | null>(null);
  const send = async (form: HTMLFormElement): Promise<void> => {
    const data = new FormData(form);
    const read = (name: string): string | null => {
      const value = data.get(name);
      return typeof value === 'string' ? value : null;
    };
    setBusy(true);
    try {
      const entered = enteredIn(fields, (name) => read(`field.${name}`));
      setSaid(await onSubmit(entered, reasonIn(form)));
    } catch (error) {
      setSaid({ text: error instanceof Error ? error.message : String(error), ok: false });
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      aria-label={plain(label)}
      className="max-w-xl space-y-3 p-3"
      onSubmit={(event) => {
        event.preventDefault();
        void send(event.currentTarget);
      }}
    >
      {fields.map((field) => (
        <Field key={field.name} field={field} />
      ))}
      <ReasonField />
      <div className="flex flex-wrap items-center gap-3">
        <button
          type="submit"
          disabled={busy}
          className="h-8 rounded-sm border border-line-strong px-3 hover:bg-raised disabled:text-dim"
        >
          {oneLine(submit)}
        </button>
        <p role="status" className={`wrap-anywhere ${said?.ok === false ? 'text-stopped' : 'text-ready'}`}>
          {said === null ? '' : plain(said.text)}
        </p>
      </div>
    </form>
  );
}

function Field({ field }: { readonly field: FormField }): ReactNode {
  const id = useId();
  const { kind, help, required = false } = field;
  const control = <Control field={field} id={id} described={help === undefined ? undefined : `${id}-help`} />;
  return (
    <div className="space-y-1">
      <label htmlFor={id} className={kind === 'boolean' ? 'flex items-center gap-2' : 'block space-y-1'}>
        {kind === 'boolean' ? control : null}
        <span className="text-xs text-dim">
          {oneLine(field.label)}
          {required ? ' (needed)' : ''}
        </span>
        {kind === 'boolean' ? null : control}
      </label>
      {help === undefined ? null : (
        <p id={`${id}-help`} className="text-xs text-dim wrap-anywhere">
          {plain(help)}
        </p>
      )}
    </div>
  );
}

interface ControlProps {
  readonly field: FormField;
  readonly id: string;
  readonly described: string | undefined;
}

function Control({ field, id, described }: ControlProps): ReactNode {
  const { name, kind, value, required = false, choices = [] } = field;
  const common = { id, name: `field.${name}`, 'aria-describedby': described };
  const text = Array.isArray(value)
    ? value.join('\n')
    : value === null || value === undefined
      ? ''
      : String(value);
  if (kind === 'boolean')
    return <input {...common} type="checkbox" defaultChecked={value === true} className="size-4" />;
  if (kind === 'choice')
    return (
      <select {...common} required={required} defaultValue={text} className={`${box} h-8`}>
        {text === '' || !required ? <option value="">-</option> : null}
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {oneLine(choice.label)}
          </option>
        ))}
      </select>
    );
  if (kind === 'lines' || kind === 'json')
    return (
      <textarea
        {...common}
        required={required}
        rows={4}
        defaultValue={text}
        className={`${box} py-1 font-mono text-xs`}
      />
    );
  const type = kind === 'number' ? { type: 'number', step: 'any' } : { type: 'text', maxLength: 20_000 };
  return <input {...common} {...type} required={required} defaultValue={text} className={`${box} h-8`} />;
}
