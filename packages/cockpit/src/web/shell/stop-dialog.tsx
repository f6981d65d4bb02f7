import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { stopCommandSchema } from '@kora/runtime/client';
import type { Fault } from '../api/read.ts';
import { Refusal } from '../kit/act.tsx';
import { Button } from '../kit/button.tsx';
import { Command } from '../kit/command.tsx';
import { Dialog } from '../kit/dialog.tsx';
import { useDeeds } from '../store/use-deeds.ts';
import { useLink } from '../store/use.ts';
import { StopEffect } from './stop-preview.tsx';
import { armMs, asksFor, isEnough, type StopLevel, stopCommand, stopLevels, unsaid } from './stop-rules.ts';
import { StopSent } from './stop-sent.tsx';

interface StopDialogProps {
  readonly open: boolean;
  readonly level: StopLevel;
  readonly close: () => void;
}

/**
 * Stops Kora, at one of five levels: what it would do now, what it asks first, and afterwards what came of it. It is never
 * kept for later: without a link it is tried at once, and the command that needs no link stands beside it.
 */
export function StopDialog({ open, level, close }: StopDialogProps): ReactNode {
  return (
    <Dialog title="Stop Kora" open={open} onClose={close} wide>
      <Stop first={level} close={close} />
    </Dialog>
  );
}

function Stop({ first, close }: { readonly first: StopLevel; readonly close: () => void }): ReactNode {
  const [level, setLevel] = useState(first);
  const [words, setWords] = useState({ reason: '', phrase: '' });
  const enough = isEnough(level, words);
  const sending = useSending(level, words.reason);
  const asked = asksFor(level);
  if (sending.sent) return <StopSent level={level} title={titleOf(level)} close={close} />;
  return (
    <form
      className="space-y-3 p-4"
      onSubmit={(event) => {
        event.preventDefault();
        // Enter in a field comes here only while the button is armed: a form with a disabled button is not submitted.
        if (enough && !sending.busy) void sending.send();
      }}
    >
      <LinkWarning />
      <fieldset className="space-y-1">
        <legend className="sr-only">Level</legend>
        {stopLevels.map((each) => (
          <LevelRow key={each} level={each} chosen={each === level} choose={() => setLevel(each)} />
        ))}
      </fieldset>
      {asked.phrase === null ? null : (
        <Field
          label={`Type ${asked.phrase}`}
          value={words.phrase}
          onChange={(phrase) => setWords({ ...words, phrase })}
        />
      )}
      <Field
        label={asked.reason ? 'Reason (written on the chain)' : 'Reason (may be left out)'}
        value={words.reason}
        onChange={(reason) => setWords({ ...words, reason })}
      />
      <div role="alert">{sending.fault === null ? null : <Refusal fault={sending.fault} />}</div>
      <div className="space-y-1">
        <p className="text-xs text-dim">The same in a terminal, also when nothing answers here:</p>
        <Command>{stopCommand(level, words.reason)}</Command>
      </div>
      <div className="flex justify-end gap-2">
        <Button onClick={close} autoFocus>
          Cancel
        </Button>
        {sending.busy ? (
          <Button disabled>Sending…</Button>
        ) : (
          <StopButton key={`${level}-${enough}`} level={level} enough={enough} />
        )}
      </div>
    </form>
  );
}

function titleOf(level: StopLevel): string {
  return `Stop L${level}`;
}

interface Sending {
  readonly busy: boolean;
  readonly sent: boolean;
  readonly fault: Fault | null;
  readonly send: () => Promise<void>;
}

/** One key for one level of one opening of the dialog: pressed twice, or tried again, it stops once. */
function useSending(level: StopLevel, reason: string): Sending {
  const deeds = useDeeds();
  const key = useRef(crypto.randomUUID());
  const [state, setState] = useState<Omit<Sending, 'send'>>({ busy: false, sent: false, fault: null });
  // Known at once, and not with the next drawing: a second press of the same moment sends nothing.
  const under = useRef(false);
  const send = async (): Promise<void> => {
    if (under.current) return;
    under.current = true;
    setState({ busy: true, sent: false, fault: null });
    const said = reason.trim() === '' ? unsaid : reason.trim();
    const body = { level, reason: said, idempotencyKey: `${key.current}-L${level}` };
    const answered = await deeds.send({
      title: titleOf(level),
      path: '/api/stop',
      body,
      answer: stopCommandSchema,
    });
    under.current = false;
    setState({ busy: false, sent: answered.ok, fault: answered.ok ? null : answered.fault });
  };
  return { ...state, send };
}

interface StopButtonProps {
  readonly level: StopLevel;
  readonly enough: boolean;
}

/** Of a level that is hard to take back, armed a little after its words are right. */
function StopButton({ level, enough }: StopButtonProps): ReactNode {
  const delayed = enough && asksFor(level).phrase !== null;
  const [left, setLeft] = useState(delayed ? armMs / 1_000 : 0);
  useEffect(() => {
    if (!delayed) return undefined;
    const timer = setInterval(() => setLeft((seconds) => Math.max(0, seconds - 1)), 1_000);
    return () => clearInterval(timer);
  }, [delayed]);
  return (
    <Button type="submit" look="stop" className="h-9" disabled={!enough || left > 0}>
      {left > 0 ? `Stop L${level} in ${left} s` : `Stop L${level}`}
    </Button>
  );
}

function LinkWarning(): ReactNode {
  const { verdict } = useLink();
  if (verdict === 'live') return null;
  return (
    <p className="hatch border-l-4 border-stopped px-3 py-2">
      The link is down. A stop will be tried directly now; it is not queued.
    </p>
  );
}

interface LevelRowProps {
  readonly level: StopLevel;
  readonly chosen: boolean;
  readonly choose: () => void;
}

function LevelRow({ level, chosen, choose }: LevelRowProps): ReactNode {
  return (
    <label className="flex cursor-pointer gap-3 rounded-sm border border-line px-3 py-2 has-checked:border-stopped has-checked:bg-raised">
      <input
        type="radio"
        name="level"
        checked={chosen}
        onChange={choose}
        className="mt-0.5 size-4 shrink-0 accent-stopped"
      />
      <span className="font-semibold">L{level}</span>
      <span className="min-w-0 flex-1">
        <StopEffect level={level} />
      </span>
    </label>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Field({ label, value, onChange }: FieldProps): ReactNode {
  const id = useId();
  return (
    <label htmlFor={id} className="block space-y-1">
      <span className="text-xs text-dim">{label}</span>
      <input
        id={id}
        value={value}
        maxLength={2_000}
        autoComplete="off"
        onChange={(event) => onChange(event.currentTarget.value)}
        className="h-8 w-full rounded-sm border border-line-strong bg-surface px-2"
      />
    </label>
  );
}
