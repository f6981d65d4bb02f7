import type { ReactNode } from 'react';
import { jsonText } from '../../kit/json-text.ts';
import { plain } from '../../kit/plain.ts';

/** Characters that are drawn of one value: a request may be a megabyte. */
const most = 40_000;

interface JsonProps {
  readonly name: string;
  readonly value: unknown;
}

/** A value as the runtime kept it, closed until somebody asks. What was forgotten says so. */
export function Json({ name, value }: JsonProps): ReactNode {
  if (value === null || value === undefined) return <p className="text-xs text-dim">{name}: not kept</p>;
  return (
    <details>
      <summary className="w-fit text-xs text-dim underline">{name}</summary>
      <JsonText name={name} value={value} />
    </details>
  );
}

function JsonText({ name, value }: JsonProps): ReactNode {
  const text = jsonText(value);
  return (
    <pre
      tabIndex={0}
      role="group"
      aria-label={name}
      className="mt-1 max-h-80 overflow-auto rounded-sm bg-raised p-2 font-mono text-xs"
    >
      {plain(text.slice(0, most).toWellFormed())}
      {text.length > most ? `\n… ${text.length - most} more characters` : ''}
    </pre>
  );
}
