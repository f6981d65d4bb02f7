import { type ReactNode, useEffect, useId } from 'react';
import type { Fault } from '../api/read.ts';
import { Button } from '../kit/button.tsx';
import { Command } from '../kit/command.tsx';
import { stateIconUrl } from '../kit/glyphs.tsx';
import { plain } from '../kit/plain.ts';
import { refusedWords } from './pair-words.ts';
import { type SignIn, tryTyped } from './session.ts';
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
    <main className="grid min-h-dvh grid-cols-1 place-items-center p-4">
      <div className="w-full max-w-[440px] min-w-0 rounded-md border border-line bg-surface p-6">
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
            <CodeForm />
          </>
        )}
      </div>
    </main>
  );
}

/** For another machine than the one where Kora runs: the code that the command prints, typed. */
function CodeForm(): ReactNode {
  const id = useId();
  return (
    <form
      className="mt-5 space-y-1 border-t border-line pt-4"
      onSubmit={(event) => {
        event.preventDefault();
        const code = new FormData(event.currentTarget).get('code');
        if (typeof code === 'string' && code.trim() !== '') void tryTyped(code.trim());
      }}
    >
      <label htmlFor={id} className="text-dim">
        Or type the code that it prints
      </label>
      <div className="flex gap-2">
        <input
          id={id}
          name="code"
          maxLength={200}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          placeholder="XXXX-XXXX-…"
          className="h-8 min-w-0 flex-1 rounded-sm border border-line-strong bg-surface px-2 font-mono placeholder:text-dim"
        />
        <Button type="submit">Sign in</Button>
      </div>
    </form>
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
      return { ...refusedWords(signIn.refusal), fault: signIn.refusal.fault };
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
