import { type CapabilityRow, grantSchema } from '@kora/runtime/client';
import { type ReactNode, useRef } from 'react';
import { Act } from '../../kit/act.tsx';
import { oneLine } from '../../kit/plain.ts';

interface GrantActProps {
  readonly capabilities: readonly CapabilityRow[];
  /** Names that are offered for a subject; any other can be typed. */
  readonly subjects: readonly string[];
}

const hourMs = 3_600_000;
const spans = [
  { value: '', title: 'until it is revoked' },
  { value: String(hourMs), title: '1 hour' },
  { value: String(24 * hourMs), title: '1 day' },
  { value: String(7 * 24 * hourMs), title: '7 days' },
  { value: String(30 * 24 * hourMs), title: '30 days' },
] as const;

const kinds = [
  { value: 'plugin', title: 'plugin' },
  { value: 'mcp', title: 'mcp: a program that asks over MCP' },
  { value: 'route', title: 'route' },
] as const;

/** Gives a plugin, a caller over MCP or a route one capability, for a while or until it is taken back. */
export function GrantAct({ capabilities, subjects }: GrantActProps): ReactNode {
  const fields = useRef<HTMLDivElement>(null);
  const entered = (name: string): string =>
    fields.current?.querySelector<HTMLInputElement | HTMLSelectElement>(`[name="${name}"]`)?.value ?? '';
  return (
    <Act
      label="Grant"
      title="Grant a capability"
      needs="admin"
      path="/api/capabilities/grants"
      answer={grantSchema}
      body={() => {
        const span = entered('span');
        return {
          capability: entered('capability'),
          to: { kind: entered('kind'), subject: entered('subject').trim() },
          ...(span === '' ? {} : { forMs: Number(span) }),
        };
      }}
      effect="Whoever has it may do what it says without asking. It stands in place of what that one had of it."
      command={`kora capability grant … --to plugin:… --reason "…"`}
    >
      <div ref={fields} className="grid gap-3 sm:grid-cols-2">
        <Choice
          name="capability"
          label="Capability"
          choices={capabilities.map(({ id, risk }) => ({
            value: id,
            title: risk === 'high' ? `${id} (high risk)` : id,
          }))}
        />
        <Choice name="span" label="For" choices={spans} />
        <Choice name="kind" label="To a" choices={kinds} />
        <label className="block space-y-1">
          <span className="text-xs text-dim">Name</span>
          <input
            name="subject"
            required
            maxLength={200}
            autoComplete="off"
            list="grant-subjects"
            className="h-8 w-full rounded-sm border border-line-strong bg-surface px-2"
          />
          <datalist id="grant-subjects">
            {subjects.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </label>
      </div>
    </Act>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly choices: readonly { readonly value: string; readonly title: string }[];
}

function Choice({ name, label, choices }: ChoiceProps): ReactNode {
  return (
    <label className="block min-w-0 space-y-1">
      <span className="text-xs text-dim">{label}</span>
      <select name={name} className="h-8 w-full rounded-sm border border-line-strong bg-surface px-2">
        {choices.map(({ value, title }) => (
          <option key={value} value={value}>
            {oneLine(title)}
          </option>
        ))}
      </select>
    </label>
  );
}
