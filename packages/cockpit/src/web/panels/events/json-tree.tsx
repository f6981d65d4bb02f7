import { type ReactNode, useState } from 'react';
import { oneLine, plain } from '../../kit/plain.ts';

/** Entries of one object or list that are drawn; more are counted. */
const most = 200;
/** So deep a value is open at first. */
const openTo = 1;

interface NodeProps {
  readonly name: string;
  readonly path: string;
  readonly value: unknown;
  readonly depth: number;
}

/** A payload that folds, each place of it with its path to copy. */
export function JsonTree({ name, value }: { readonly name: string; readonly value: object }): ReactNode {
  return (
    <div
      role="group"
      aria-label={name}
      tabIndex={0}
      className="max-h-96 overflow-auto rounded-sm border border-line bg-surface p-2 font-mono text-xs"
    >
      <Entries value={value} path="payload" depth={0} />
    </div>
  );
}

function Entries({ value, path, depth }: Omit<NodeProps, 'name'>): ReactNode {
  const all = entriesOf(value);
  if (all.length === 0) return <p className="text-dim">empty</p>;
  return (
    <ul>
      {all.slice(0, most).map(([key, each]) => (
        <li key={key}>
          <JsonNode name={key} path={pathTo(path, key, Array.isArray(value))} value={each} depth={depth} />
        </li>
      ))}
      {all.length > most ? <li className="text-dim">… {all.length - most} more</li> : null}
    </ul>
  );
}

function JsonNode({ name, path, value, depth }: NodeProps): ReactNode {
  const [open, setOpen] = useState(depth < openTo);
  if (typeof value !== 'object' || value === null)
    return (
      <p className="flex min-h-6 items-baseline gap-2 pl-4">
        <Name name={name} />
        <span className="min-w-0 whitespace-pre-wrap wrap-anywhere">{plain(leafText(value))}</span>
        <CopyPath path={path} />
      </p>
    );
  const size = entriesOf(value).length;
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="flex min-h-6 items-center gap-2">
        <span aria-hidden="true" className="w-2 text-dim">
          {open ? '▾' : '▸'}
        </span>
        <Name name={name} />
        <span className="text-dim">{Array.isArray(value) ? `[${size}]` : `{${size}}`}</span>
        <CopyPath path={path} />
      </summary>
      {open ? (
        <div className="pl-4">
          <Entries value={value} path={path} depth={depth + 1} />
        </div>
      ) : null}
    </details>
  );
}

function Name({ name }: { readonly name: string }): ReactNode {
  return <span className="shrink-0 text-dim">{oneLine(name, 80)}:</span>;
}

/** Puts the path into the clipboard. Refused by the browser, nothing is said: the path stands in the button's title. */
function CopyPath({ path }: { readonly path: string }): ReactNode {
  const [copied, setCopied] = useState(false);
  const shown = oneLine(path);
  return (
    <button
      type="button"
      title={shown}
      aria-label={`Copy the path ${shown}`}
      onClick={(event) => {
        // In the line of a fold it would fold it, too.
        event.preventDefault();
        void navigator.clipboard.writeText(path).then(
          () => setCopied(true),
          () => undefined,
        );
      }}
      className="min-h-6 shrink-0 rounded-sm px-1 text-dim underline hover:text-ink"
    >
      {copied ? 'copied' : 'path'}
    </button>
  );
}

/** `payload.from.state`, `payload.reasons[0]`, `payload["a key"]`: as jq and JavaScript take it. */
export function pathTo(path: string, key: string, inList: boolean): string {
  if (inList) return `${path}[${key}]`;
  return /^[a-zA-Z_]\w*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function leafText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
}
