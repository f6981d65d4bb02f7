import { alertSchema, incidentSchema } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { Act } from '../../kit/act.tsx';
import { isAnswered, type Trouble } from './trouble.ts';

/** For how long something may be kept quiet, in milliseconds; the API allows thirty days. */
export const spans: readonly { readonly ms: number; readonly text: string; readonly typed: string }[] = [
  { ms: 900_000, text: '15 minutes', typed: '15m' },
  { ms: 3_600_000, text: '1 hour', typed: '1h' },
  { ms: 14_400_000, text: '4 hours', typed: '4h' },
  { ms: 86_400_000, text: '1 day', typed: '1d' },
  { ms: 604_800_000, text: '7 days', typed: '7d' },
];
const firstSpanMs = 3_600_000;

/** As the command line takes it: `4h`. */
export function typedSpan(ms: number): string {
  return spans.find((span) => span.ms === ms)?.typed ?? `${ms}ms`;
}

interface SpanFieldProps {
  readonly label: string;
  readonly value: number;
  readonly onChange: (ms: number) => void;
}

/** One of the usual spans. */
export function SpanField({ label, value, onChange }: SpanFieldProps): ReactNode {
  return (
    <label className="block space-y-1">
      <span className="text-xs text-dim">{label}</span>
      <select
        value={value}
        onChange={(event) => onChange(Number(event.currentTarget.value))}
        className="h-8 w-full rounded-sm border border-line-strong bg-surface px-2"
      >
        {spans.map((span) => (
          <option key={span.ms} value={span.ms}>
            {span.text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What may be said of something that is wrong. Of what is over, nothing. */
export function Answers({ trouble }: { readonly trouble: Trouble }): ReactNode {
  if (!trouble.open) return null;
  return (
    <span className="flex gap-2">
      {isAnswered(trouble) ? null : <Acknowledge trouble={trouble} />}
      <Silence trouble={trouble} />
    </span>
  );
}

function Acknowledge({ trouble }: { readonly trouble: Trouble }): ReactNode {
  const { kind, id, title } = trouble;
  return (
    <Act<unknown>
      label="Acknowledge"
      title={`Acknowledge: ${title}`}
      needs="operate"
      path={`${pathOf(trouble)}/ack`}
      answer={schemaOf(trouble)}
      effect="You know of it: nobody is reminded any more. It ends by itself when it is over, and if it begins again it is told again."
      keyed={false}
      command={`kora ${kind} ack ${id} --reason "…"`}
    />
  );
}

function Silence({ trouble }: { readonly trouble: Trouble }): ReactNode {
  const { kind, id, title } = trouble;
  const [forMs, setForMs] = useState(firstSpanMs);
  const verb = kind === 'incident' ? 'silence' : 'snooze';
  return (
    <Act<unknown>
      label="Silence…"
      title={`Silence: ${title}`}
      needs="operate"
      path={`${pathOf(trouble)}/${verb}`}
      answer={schemaOf(trouble)}
      body={() => ({ forMs })}
      effect="Only its end is told until then. What is still wrong when the time is over is told again."
      keyed={false}
      command={`kora ${kind} ${verb} ${id} --for ${typedSpan(forMs)} --reason "…"`}
    >
      <SpanField label="For how long" value={forMs} onChange={setForMs} />
    </Act>
  );
}

function pathOf({ kind, id }: Trouble): string {
  return kind === 'incident' ? `/api/incidents/${id}` : `/api/alerts/${id}`;
}

function schemaOf({ kind }: Trouble): typeof incidentSchema | typeof alertSchema {
  return kind === 'incident' ? incidentSchema : alertSchema;
}
