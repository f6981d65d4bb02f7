import { type ReactNode, useState } from 'react';
import { Button } from '../kit/button.tsx';
import { Dialog } from '../kit/dialog.tsx';
import { resetKeys, setKey, useKeyMap } from './key-map.ts';
import { type KeyName, keyRows } from './keys.ts';
import { allowNotes } from './notify.ts';
import { setSetting, type Settings, useSettings } from './settings.ts';

interface SettingsDialogProps {
  readonly open: boolean;
  readonly close: () => void;
}

/** What one person wants otherwise in this browser. Nothing of it reaches the runtime. */
export function SettingsDialog({ open, close }: SettingsDialogProps): ReactNode {
  return (
    <Dialog title="Settings of this browser" open={open} onClose={close}>
      <div className="space-y-4 p-4">
        <Choice
          name="theme"
          label="Theme"
          words={{ system: 'as the system', light: 'light', dark: 'dark' }}
        />
        <Choice
          name="density"
          label="Rows"
          words={{ comfortable: 'comfortable (40 px)', compact: 'compact (28 px)' }}
        />
        <Choice name="zone" label="Times" words={{ local: 'of this machine', utc: 'UTC' }} />
        <Choice name="rail" label="Rail" words={{ wide: 'with words', narrow: 'icons alone' }} />
        <Notes />
        <Choice name="keys" label="Single keys" words={{ on: 'on', off: 'off' }} />
        <OwnKeys />
        <div className="flex justify-end">
          <Button onClick={close}>Close</Button>
        </div>
      </div>
    </Dialog>
  );
}

interface ChoiceProps<K extends keyof Settings> {
  readonly name: K;
  readonly label: string;
  readonly words: Readonly<Record<Settings[K], string>>;
}

function Choice<K extends keyof Settings>({ name, label, words }: ChoiceProps<K>): ReactNode {
  const current = useSettings()[name];
  const values = Object.keys(words) as Settings[K][];
  return (
    <fieldset className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <legend className="float-left w-28 text-dim">{label}</legend>
      {values.map((value) => (
        <label key={value} className="flex min-h-6 items-center gap-1.5">
          <input
            type="radio"
            name={name}
            className="size-4 accent-active"
            checked={current === value}
            onChange={() => setSetting(name, value)}
          />
          {words[value]}
        </label>
      ))}
    </fieldset>
  );
}

function Notes(): ReactNode {
  const { notify } = useSettings();
  const [refused, setRefused] = useState(false);
  const turn = async (on: boolean): Promise<void> => {
    const allowed = on && (await allowNotes());
    setRefused(on && !allowed);
    setSetting('notify', allowed ? 'on' : 'off');
  };
  return (
    <div>
      <label className="flex min-h-6 items-center gap-2">
        <input
          type="checkbox"
          className="size-4 accent-active"
          checked={notify === 'on'}
          onChange={(event) => void turn(event.currentTarget.checked)}
        />
        Note of the browser when something newly needs you
      </label>
      {refused ? <p className="text-paused">The browser does not allow it for this page.</p> : null}
    </div>
  );
}

function OwnKeys(): ReactNode {
  const map = useKeyMap();
  const [problem, setProblem] = useState<string | null>(null);
  const rows = keyRows(map).filter((row): row is typeof row & { name: KeyName } => row.name !== undefined);
  return (
    <details>
      <summary className="w-fit underline">Other keys</summary>
      <ul className="mt-2 grid gap-x-6 gap-y-1 sm:grid-cols-2">
        {rows.map(({ name, keys, does }) => (
          <li key={name}>
            <label className="flex items-center gap-2">
              <input
                value={keys}
                maxLength={2}
                autoComplete="off"
                className="h-7 w-8 rounded-sm border border-line-strong bg-surface text-center font-mono"
                // Typing puts the new character behind the old one: the last is the one that is meant.
                onChange={(event) => setProblem(setKey(name, event.currentTarget.value.slice(-1)))}
                onFocus={(event) => event.currentTarget.select()}
              />
              <span className="min-w-0">{does}</span>
            </label>
          </li>
        ))}
      </ul>
      <p role="alert" className="min-h-5 text-paused">
        {problem}
      </p>
      <Button
        onClick={() => {
          resetKeys();
          setProblem(null);
        }}
      >
        The usual keys
      </Button>
    </details>
  );
}
