import { capabilitiesSchema, mcpTokenMadeSchema } from '@kora/runtime/client';
import { type ReactNode, useRef, useState } from 'react';
import type { z } from 'zod';
import { Act } from '../../kit/act.tsx';
import { Button } from '../../kit/button.tsx';
import { Command } from '../../kit/command.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { Ago, Code, Line } from '../../kit/text.tsx';
import { useDetail } from '../../store/detail.ts';
import { wishFrom } from './wish.ts';

type Made = z.infer<typeof mcpTokenMadeSchema>;

const field = 'h-8 w-full rounded-sm border border-line-strong bg-surface px-2';

/** Makes a token for a program. It is shown once, here, and kept nowhere. */
export function TokenAct(): ReactNode {
  const fields = useRef<HTMLDivElement>(null);
  const [made, setMade] = useState<Made | null>(null);
  const entered = (name: string): readonly string[] =>
    [
      ...(fields.current?.querySelectorAll<HTMLInputElement | HTMLSelectElement>(
        `select[name="${name}"], input[name="${name}"]:not([type=checkbox]), input[name="${name}"]:checked`,
      ) ?? []),
    ].map((each) => each.value);
  return (
    <>
      <Act
        label="Make a token"
        title="Make a token for a program"
        needs="admin"
        path="/api/mcp-tokens"
        answer={mcpTokenMadeSchema}
        keyed={false}
        body={() =>
          wishFrom({
            name: entered('name')[0] ?? '',
            grants: entered('grant'),
            kinds: entered('kinds')[0] ?? '',
            days: entered('days')[0] ?? '',
          })
        }
        effect="Whoever shows it may do what it is granted, over MCP and from this machine alone. Its grants end with it."
        onDone={setMade}
      >
        <div ref={fields} className="space-y-3">
          <label className="block space-y-1">
            <span className="text-xs text-dim">Program: small letters, digits and -</span>
            <input
              name="name"
              required
              pattern="[a-z][a-z0-9\-]{0,57}"
              autoComplete="off"
              className={field}
            />
          </label>
          <Grants />
          <label className="block space-y-1">
            <span className="text-xs text-dim">Kinds of tickets it may work, apart by commas</span>
            <input name="kinds" autoComplete="off" className={field} />
          </label>
          <label className="block space-y-1">
            <span className="text-xs text-dim">For</span>
            <select name="days" defaultValue="30" className={field}>
              <option value="1">1 day</option>
              <option value="7">7 days</option>
              <option value="30">30 days</option>
              <option value="90">90 days</option>
            </select>
          </label>
        </div>
      </Act>
      <Dialog title="The token" open={made !== null} onClose={() => setMade(null)}>
        {made === null ? null : <MadeToken made={made} close={() => setMade(null)} />}
      </Dialog>
    </>
  );
}

const none: readonly string[] = [];

/** The capabilities that there are; read when the dialog opens. */
function Grants(): ReactNode {
  const { data, view } = useDetail('/api/capabilities', capabilitiesSchema, none);
  return (
    <fieldset className="space-y-1">
      <legend className="text-xs text-dim">What it may, one at least</legend>
      {data === null ? (
        <p className="text-dim">
          {view.state === 'loading' ? 'Loading…' : 'What there is to grant is not known.'}
        </p>
      ) : (
        <div className="max-h-48 space-y-1 overflow-y-auto">
          {data.capabilities.map(({ id, title, risk }) => (
            <label key={id} className="flex min-h-6 items-center gap-2">
              <input
                type="checkbox"
                name="grant"
                value={id}
                defaultChecked={id === 'cap_read_runtime'}
                className="size-4 shrink-0 accent-active"
              />
              <Code className="shrink-0">{id}</Code>
              {risk === 'high' ? <span className="shrink-0 text-xs text-paused">high risk</span> : null}
              <Line className="truncate text-dim">{title}</Line>
            </label>
          ))}
        </div>
      )}
    </fieldset>
  );
}

interface MadeTokenProps {
  readonly made: Made;
  readonly close: () => void;
}

function MadeToken({ made, close }: MadeTokenProps): ReactNode {
  return (
    <div className="space-y-3 p-4">
      <p className="text-dim">
        For <Code>{made.name}</Code>, ends <Ago at={made.expiresAt} />. It is not shown again and kept
        nowhere: copy it now.
      </p>
      <Command wide>{made.token}</Command>
      <div className="flex justify-end">
        <Button onClick={close}>I have it</Button>
      </div>
    </div>
  );
}
