import { type PluginRowView, syncRowSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Act } from '../../kit/act.tsx';
import { Chip } from '../../kit/chip.tsx';
import { Ago, Code, Line, Prose } from '../../kit/text.tsx';
import { leaveOf } from './asked.ts';

/** What a plugin asks for beside what was agreed to, and the version that waits for a word. */
export function Leave({ plugin }: { readonly plugin: PluginRowView }): ReactNode {
  const asked = leaveOf(plugin);
  const { pending, approved } = plugin;
  if (asked.length === 0 && pending === null) return null;
  return (
    <div className="space-y-1">
      {asked.length === 0 ? null : (
        <p className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
          <span className="text-xs text-dim">asks for</span>
          {asked.map(({ capability, state }) => (
            <span key={capability} className="inline-flex items-baseline gap-1">
              <Code>{capability}</Code>
              {state === 'new' ? <Chip tone="paused">not agreed to</Chip> : null}
              {state === 'gone' ? <Chip>no longer asked</Chip> : null}
            </span>
          ))}
          {approved === null ? null : (
            <span className="text-xs text-dim">
              agreed to by <Line>{approved.by}</Line> <Ago at={approved.at} />
            </span>
          )}
        </p>
      )}
      {pending === null ? null : (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="text-paused">
            Version <Code>{pending.version}</Code> is installed and does not serve.
          </span>
          <Prose className="text-dim">{pending.reason.message}</Prose>
        </div>
      )}
      {plugin.state === 'parked' || pending?.outcome === 'parked' ? <Approve plugin={plugin} /> : null}
    </div>
  );
}

/** Lets in exactly the version that is shown. */
export function Approve({ plugin }: { readonly plugin: PluginRowView }): ReactNode {
  const version = plugin.pending?.version ?? plugin.version;
  const digest = plugin.pending === null ? plugin.digest : plugin.pending.digest;
  if (digest === null) return null;
  return (
    <Act
      label="Agree"
      title={`Let in ${plugin.id} ${version}`}
      needs="approve"
      path={`/api/plugins/${encodeURIComponent(plugin.id)}/approve`}
      answer={syncRowSchema}
      keyed={false}
      body={() => ({ digest })}
      effect={
        <>
          Exactly this version, <Code>{digest.slice(0, 16)}</Code>; another one that is installed meanwhile is
          refused. It is let in with everything its manifest asks for, and started. What it is granted is a
          matter of its own.
        </>
      }
      command={`kora plugin approve ${plugin.id} --reason "…"`}
    />
  );
}
