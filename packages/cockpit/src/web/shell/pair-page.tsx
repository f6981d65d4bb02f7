import { type ReactNode, useEffect } from 'react';
import type { Fault } from '../api/read.ts';
import { Command } from '../kit/command.tsx';
import { stateIconUrl } from '../kit/glyphs.tsx';
import { plain } from '../kit/plain.ts';
import type { SignIn } from './session.ts';
import { showTab } from './tab.ts';

interface PairPageProps {
  readonly signIn: SignIn;
  /** Why an open page was signed out. */
  readonly signedOut: Fault | null;
}

/** The way in. Says what happened and prints the one command that opens the page; it asks the runtime nothing. */
export function PairPage({ signIn, signedOut }: PairPageProps): ReactNode {
  const { title, text, fault } = wordsOf(signIn, signedOut);
  useEffect(() => showTab(`Kora · ${title}`, stateIconUrl(null)), [title]);
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="w-full max-w-[440px] rounded-md border border-line bg-surface p-6">
        <p className="text-dim">Kora</p>
        <h1 className="mt-1 text-xl font-semibold">{title}</h1>
        <p className="mt-3 text-base" role={fault === null ? undefined : 'alert'}>
          {text}
        </p>
        {fault === null ? null : (
          <p className="mt-2 text-dim">
            {plain(fault.message)} <span className="font-mono text-xs">{plain(fault.code)}</span>
          </p>
        )}
        {signIn.kind === 'asking' ? null : (
          <>
            <p className="mt-5 mb-2 text-dim">On the machine where Kora runs:</p>
            <Command wide>kora cockpit</Command>
            <p className="mt-5 text-dim">
              It opens this page signed in. The link works once and for two minutes; if this tab stays open,
              it goes on by itself.
            </p>
          </>
        )}
      </div>
    </main>
  );
}

interface Words {
  readonly title: string;
  readonly text: string;
  readonly fault: Fault | null;
}

function wordsOf(signIn: SignIn, signedOut: Fault | null): Words {
  switch (signIn.kind) {
    case 'asking':
      return { title: 'Signing in', text: 'Handing the pairing code to the runtime.', fault: null };
    case 'refused':
      return signIn.fault.status === 0
        ? {
            title: 'No answer',
            text: 'The code was not tried, because nothing answered here.',
            fault: signIn.fault,
          }
        : {
            title: 'Not signed in',
            text: 'The pairing code was refused. A new one is one command away.',
            fault: signIn.fault,
          };
    case 'bare':
      return {
        title: 'Sign in',
        text: 'The cockpit opens with a pairing link, not with a password.',
        fault: null,
      };
    case 'open':
      return { title: 'Signed out', text: 'This browser has no valid session any more.', fault: signedOut };
  }
}
