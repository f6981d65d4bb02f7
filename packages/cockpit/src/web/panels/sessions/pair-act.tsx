import { pairingSchema, type Scope, scopes } from '@kora/runtime/client';
import { type ReactNode, useRef, useState } from 'react';
import type { z } from 'zod';
import { Act } from '../../kit/act.tsx';
import { Command } from '../../kit/command.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { Ago } from '../../kit/text.tsx';
import { useList } from '../../store/use.ts';

type Pairing = z.infer<typeof pairingSchema>;

const means: Readonly<Record<Scope, string>> = {
  read: 'look at everything',
  operate: 'retry, acknowledge, run, pause',
  approve: 'answer what waits',
  stop: 'stop',
  admin: 'change configuration, sessions and tokens',
};

/** Makes a code for another browser, which opens no more than this one may. */
export function PairAct(): ReactNode {
  const mine = useList('caller')?.scopes ?? [];
  const boxes = useRef<HTMLFieldSetElement>(null);
  const [made, setMade] = useState<Pairing | null>(null);
  const chosen = (): readonly string[] =>
    [...(boxes.current?.querySelectorAll<HTMLInputElement>('input:checked') ?? [])].map((box) => box.value);
  return (
    <>
      <Act
        label="Pair another browser"
        title="Pair another browser"
        needs="admin"
        path="/api/pairing"
        answer={pairingSchema}
        body={() => ({ scopes: chosen() })}
        reasoned={false}
        keyed={false}
        effect="Makes a code that opens the cockpit once, within two minutes."
        onDone={setMade}
      >
        <fieldset ref={boxes} className="space-y-1">
          <legend className="text-xs text-dim">What it may</legend>
          {scopes
            .filter((scope) => mine.includes(scope))
            .map((scope) => (
              <label key={scope} className="flex min-h-6 items-center gap-2">
                <input
                  type="checkbox"
                  value={scope}
                  defaultChecked={scope === 'read'}
                  disabled={scope === 'read'}
                  className="size-4 accent-active"
                />
                {scope}: {means[scope]}
              </label>
            ))}
        </fieldset>
      </Act>
      <Dialog title="The code" open={made !== null} onClose={() => setMade(null)}>
        {made === null ? null : <Made pairing={made} />}
      </Dialog>
    </>
  );
}

function Made({ pairing }: { readonly pairing: Pairing }): ReactNode {
  return (
    <div className="space-y-3 p-4">
      <p className="text-dim">
        Type it on the page that opens at this address, or open the link. It works once and ends{' '}
        <Ago at={pairing.expiresAt} />.
      </p>
      <Command wide>{pairing.code}</Command>
      <Command>{pairing.url}</Command>
    </div>
  );
}
