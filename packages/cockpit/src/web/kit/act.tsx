import type { Scope } from '@kora/runtime/client';
import { type ReactNode, useRef, useState } from 'react';
import type { z } from 'zod';
import type { Fault } from '../api/read.ts';
import { useDeeds, useScope } from '../store/use-deeds.ts';
import { Button } from './button.tsx';
import { Command } from './command.tsx';
import { Dialog } from './dialog.tsx';
import { Doubt, useDoubt, useLost } from './link-word.tsx';
import { plain } from './plain.ts';
import { ReasonField, reasonIn } from './reason-field.tsx';

export interface ActProps<T> {
  /** On the button and in the receipt: `Retry`. */
  readonly label: string;
  /** What is done to what: `Retry ticket #41`. */
  readonly title: string;
  readonly needs: Scope;
  readonly path: string;
  readonly answer: z.ZodType<T>;
  /** Fields of the body beside the reason and the key. */
  readonly body?: (() => object) | undefined;
  /** What will come of it, before it is done. */
  readonly effect?: ReactNode;
  /** More to enter: drawn above the reason. */
  readonly children?: ReactNode;
  readonly look?: 'plain' | 'stop';
  /** False where the API takes no reason. Default true. */
  readonly reasoned?: boolean;
  /** False where the API takes no idempotency key. Default true. */
  readonly keyed?: boolean;
  /** The `kora` command that does the same, for when the link is down. */
  readonly command?: string | undefined;
  /** Milliseconds it may take where that is longer than usual. */
  readonly timeoutMs?: number;
  /** Why it cannot be begun just now. What is open already stays: nothing that is being written is taken away. */
  readonly blocked?: string | undefined;
  readonly onDone?: (data: T) => void;
  /** What a refusal means here, instead of its words: a changed proposal shows its difference. */
  readonly onRefused?: (fault: Fault, details: Readonly<Record<string, unknown>>) => ReactNode;
}

/**
 * A button that asks before it acts: what will come of it, why, and then once. Without the scope there is no button at
 * all. It closes when the runtime has accepted; the receipt below follows it to its event.
 */
export function Act<T>(props: ActProps<T>): ReactNode {
  const may = useScope(props.needs);
  const [open, setOpen] = useState(false);
  // Without a link only a stop is tried; it has a dialog of its own.
  const lost = useLost();
  const why = lost ?? props.blocked;
  const doubt = useDoubt();
  if (!may) return null;
  return (
    <>
      <Button
        // It only asks; the fill is kept for what stops Kora, and for the last press.
        look={props.look === 'stop' ? 'ends' : 'plain'}
        aria-haspopup="dialog"
        disabled={why !== undefined && !open}
        title={why ?? doubt}
        className={doubt === undefined ? '' : 'border-dashed text-stale'}
        onClick={() => setOpen(true)}
      >
        {props.label}
      </Button>
      <Dialog title={props.title} open={open} onClose={() => setOpen(false)}>
        <ActForm {...props} close={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function ActForm<T>(props: ActProps<T> & { readonly close: () => void }): ReactNode {
  const { title, label, path, answer, body, effect, children, reasoned = true, keyed = true, close } = props;
  const deeds = useDeeds();
  // One key for one opening of the dialog: a second press of the button does nothing again.
  const key = useRef(crypto.randomUUID());
  const [busy, setBusy] = useState(false);
  const lost = useLost();
  const [refusal, setRefusal] = useState<ReactNode>(null);
  // Known at once, and not with the next drawing: a second press of the same moment sends nothing.
  const under = useRef(false);
  const send = async (reason: string): Promise<void> => {
    if (under.current) return;
    under.current = true;
    setBusy(true);
    const whole = {
      ...body?.(),
      ...(reasoned ? { reason } : {}),
      ...(keyed ? { idempotencyKey: key.current } : {}),
    };
    const patience = props.timeoutMs === undefined ? {} : { timeoutMs: props.timeoutMs };
    const answered = await deeds.send({ title, path, body: whole, answer, ...patience });
    under.current = false;
    setBusy(false);
    if (answered.ok) {
      props.onDone?.(answered.data);
      close();
    } else
      setRefusal(props.onRefused?.(answered.fault, answered.details) ?? <Refusal fault={answered.fault} />);
  };
  return (
    <form
      className="space-y-3 p-4"
      onSubmit={(event) => {
        event.preventDefault();
        void send(reasonIn(event.currentTarget));
      }}
    >
      {effect === undefined ? null : <div className="text-dim">{effect}</div>}
      {children}
      {reasoned ? <ReasonField /> : null}
      <div role="alert">{refusal}</div>
      <Doubt />
      {props.command === undefined ? null : <Command>{props.command}</Command>}
      <div className="flex justify-end gap-2">
        <Button onClick={close} autoFocus={!reasoned && children === undefined}>
          Cancel
        </Button>
        <Button
          type="submit"
          look={props.look === 'stop' ? 'stop' : 'main'}
          disabled={busy || lost !== undefined}
        >
          {busy ? 'Sending…' : label.replace(/…$/, '')}
        </Button>
      </div>
    </form>
  );
}

/** Why nothing was done, in the runtime's own words. */
export function Refusal({ fault }: { readonly fault: Fault }): ReactNode {
  return (
    <div className="space-y-1">
      <p className="wrap-anywhere text-stopped">{plain(fault.message)}</p>
      <p className="font-mono text-xs text-dim">{plain(fault.code)}</p>
      {fault.hint === null ? null : <p className="text-dim wrap-anywhere">{plain(fault.hint)}</p>}
    </div>
  );
}
