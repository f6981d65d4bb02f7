import { type ReactNode, useId } from 'react';

const name = 'reason';

/** Why the operator asks for it: no deed goes without, and what is written here stays on the chain. */
export function ReasonField({
  label = 'Reason (written on the chain)',
}: {
  readonly label?: string;
}): ReactNode {
  const id = useId();
  return (
    <label htmlFor={id} className="block space-y-1">
      <span className="text-xs text-dim">{label}</span>
      <input
        id={id}
        name={name}
        required
        maxLength={2_000}
        autoComplete="off"
        className="h-8 w-full rounded-sm border border-line-strong bg-surface px-2"
      />
    </label>
  );
}

/** What was written into it; empty where a form has none. */
export function reasonIn(form: HTMLFormElement): string {
  const reason = new FormData(form).get(name);
  return typeof reason === 'string' ? reason : '';
}
