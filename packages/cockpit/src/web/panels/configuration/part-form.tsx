import { type ConfigKeys, configWrittenSchema } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { z } from 'zod';
import { Button } from '../../kit/button.tsx';
import { Command } from '../../kit/command.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { Diff } from '../../kit/diff.tsx';
import { ChangeShown, diffOf, wrongIn } from '../../kit/form/change.tsx';
import type { Entered } from '../../kit/form/entered.ts';
import { FieldsForm, type Said } from '../../kit/form/fields-form.tsx';
import { useDoubt, useLost } from '../../kit/link-word.tsx';
import { Code } from '../../kit/text.tsx';
import { useDeeds, useScope } from '../../store/use-deeds.ts';
import { changesFrom, changeWords, type ConfigKey, fieldOf, plainValue, pluginOf } from './rows.ts';

interface PartFormProps {
  readonly part: string;
  readonly config: ConfigKeys;
  readonly onWritten: (words: ReactNode) => void;
}

/** A button that opens the form of one part of the configuration; without the permission there is none. */
export function PartForm({ part, config, onWritten }: PartFormProps): ReactNode {
  const may = useScope('admin');
  // As it was read when it was opened: what another writes meanwhile is refused, and told, and not written over.
  const [opened, open] = useState<ConfigKeys | null>(null);
  const lost = useLost();
  const doubt = useDoubt();
  const isOpen = config.keys.some((row) => isOf(row, part) && row.closed === null);
  if (!may || !isOpen) return null;
  return (
    <>
      <Button
        aria-haspopup="dialog"
        disabled={lost !== undefined}
        title={lost ?? doubt}
        onClick={() => open(config)}
      >
        Change
      </Button>
      <Dialog title={`Change ${part}`} open={opened !== null} onClose={() => open(null)}>
        {opened === null ? null : (
          <Fields
            part={part}
            config={opened}
            onWritten={(words) => {
              open(null);
              onWritten(words);
            }}
          />
        )}
      </Dialog>
    </>
  );
}

function isOf({ key, kind }: ConfigKey, part: string): boolean {
  return key.startsWith(`${part}.`) && kind !== 'block' && pluginOf(key) === null;
}

function Fields({ part, config, onWritten }: PartFormProps): ReactNode {
  const deeds = useDeeds();
  const rows = config.keys.filter((row) => isOf(row, part));
  const fields = rows.map(fieldOf);
  const save = async (entered: Entered, reason: string): Promise<Said> => {
    const changes = changesFrom(rows, fields, entered);
    const answered = await deeds.send({
      title: `Change ${part}`,
      path: '/api/config',
      body: { changes, digest: config.digest, reason },
      answer: configWrittenSchema,
    });
    if (answered.ok) {
      onWritten(<Written written={answered.data.written} />);
      return { text: '', ok: true };
    }
    const { fault, details } = answered;
    if (fault.code === 'KORA_CONFIG_CHANGED') return { text: <Stale details={details} />, ok: false };
    const names = fields.map(({ name }) => name);
    return { text: fault.message, ok: false, wrong: wrongIn(details, names) };
  };
  const review = (entered: Entered): ReactNode => {
    const touched = changesFrom(rows, fields, entered).map(({ key }) => key);
    if (touched.length === 0) return null;
    return (
      <ChangeShown lines={diffOf(fields, entered)}>
        <ul>
          {rows
            .filter(({ key }) => touched.includes(key))
            .map((row) => (
              <li key={row.key}>
                <Code>{row.key}</Code> {whenWords(row)}
              </li>
            ))}
        </ul>
      </ChangeShown>
    );
  };
  return (
    <FieldsForm
      label={`Configuration: ${part}`}
      fields={fields}
      submit="Write it"
      needs="admin"
      review={review}
      onSubmit={save}
    />
  );
}

function whenWords({ overruled, origin, class: kind }: ConfigKey): string {
  if (overruled) return `will not count while the ${origin} says it`;
  return `holds ${changeWords(kind)}`;
}

const holdWords = {
  now: 'is in force',
  restart: 'waits for a start',
  overruled: 'is written, and a flag or a variable counts instead',
} as const;

function Written({
  written,
}: {
  readonly written: z.infer<typeof configWrittenSchema>['written'];
}): ReactNode {
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      {written.map(({ key, holds }) => (
        <span key={key}>
          <Code>{key}</Code> {holdWords[holds]}.
        </span>
      ))}
      {written.some(({ holds }) => holds === 'restart') ? (
        <Command>kora down && kora up --detach</Command>
      ) : null}
    </span>
  );
}

const changedSchema = z.array(z.object({ key: z.string(), from: z.unknown(), to: z.unknown() }));

/** Somebody else wrote the file since this form was opened. */
function Stale({ details }: { readonly details: Readonly<Record<string, unknown>> }): ReactNode {
  const changed = changedSchema.safeParse(details['changed']).data ?? [];
  return (
    <div className="space-y-2">
      <p>Somebody else wrote the file since you opened this. Nothing of yours was written.</p>
      {changed.length === 0 ? null : (
        <Diff
          lines={changed.map(({ key, from, to }) => ({
            path: key,
            before: from === null || from === undefined ? null : plainValue(from),
            after: to === null || to === undefined ? null : plainValue(to),
          }))}
        />
      )}
      <p className="text-dim">Close it and open it again to begin from what stands now.</p>
    </div>
  );
}
