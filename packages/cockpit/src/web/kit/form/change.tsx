import type { ReactNode } from 'react';
import { z } from 'zod';
import { Diff, type DiffLine } from '../diff.tsx';
import { type Entered, isTouched } from './entered.ts';
import type { FieldSpec } from './field.tsx';

/** What would be other of a form, field by field; a field that was emptied says what holds then. */
export function diffOf(fields: readonly FieldSpec[], entered: Entered): readonly DiffLine[] {
  return fields
    .filter((field) => Object.hasOwn(entered, field.name) && isTouched(field, entered))
    .map((field) => ({
      path: field.name,
      before: textOf(field.value) ?? usually(field),
      after: textOf(entered[field.name]) ?? usually(field),
    }));
}

function textOf(value: Entered[string] | undefined): string | null {
  if (value === null || value === undefined) return null;
  return Array.isArray(value) ? value.join('\n') : String(value);
}

function usually({ usual }: FieldSpec): string | null {
  return usual === undefined || usual === '' ? null : `not said; usually ${usual}`;
}

interface ChangeShownProps {
  readonly lines: readonly DiffLine[];
  /** What must be done before it holds. */
  readonly children: ReactNode;
}

/** The change before it is written. */
export function ChangeShown({ lines, children }: ChangeShownProps): ReactNode {
  return (
    <div className="space-y-2">
      <Diff lines={lines} />
      <div className="text-dim">{children}</div>
    </div>
  );
}

const issuesSchema = z.array(z.object({ path: z.string(), message: z.string() }));

/** Why the runtime refused a form, by the names of its fields: what is wrong below one is told at that one. */
export function wrongIn(
  details: Readonly<Record<string, unknown>>,
  names: readonly string[] = [],
): Readonly<Record<string, string>> {
  const issues = issuesSchema.safeParse(details['issues']).data ?? [];
  const nameOf = (path: string): string =>
    names.find((name) => path === name || path.startsWith(`${name}.`) || name.startsWith(`${path}.`)) ?? path;
  return Object.fromEntries(issues.map(({ path, message }) => [nameOf(path), message]));
}
