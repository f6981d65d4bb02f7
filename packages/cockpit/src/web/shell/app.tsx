import { type ReactNode, Suspense, useEffect, useMemo, useRef } from 'react';
import { useLocation } from 'wouter';
import { ChainBreakBar } from '../panels/events/break-bar.tsx';
import { useModel } from '../store/use.ts';
import { Announcer } from './announce.tsx';
import { HeldBanner } from './held-banner.tsx';
import { Foot } from './foot.tsx';
import { Guarded } from './guarded.tsx';
import { Held, Holdable } from '../kit/hold.tsx';
import { type KeyCommand, type KeyMemory, press } from './keys.ts';
import { SmallMenu } from './menu.tsx';
import { Notice } from './notice.tsx';
import { fetchLater, later } from './later.ts';
import { Notifier } from './notify.ts';
import { Overlays, useOverlays } from './overlays.tsx';
import { Pages } from './pages.tsx';
import { Peek } from './peek.tsx';
import { usePeek } from './peeked.ts';
import { Rail } from './rail.tsx';
import { Receipts } from './receipts.tsx';
import { moveRow, pickRow, rowTarget } from './rows.ts';
import { useSignIn } from './session.ts';
import { nextSetting, useSettings } from './settings.ts';
import { typedAhead } from './typed-ahead.ts';
import { StopContext } from './stop-open.ts';
import { useKeyMap } from './key-map.ts';
import { Topbar } from './topbar.tsx';

const PairPage = later(() => import('./pair-page.tsx').then((m) => m.PairPage));

/** The page: the way in, or the shell with one panel page in it. */
export function App(): ReactNode {
  const signIn = useSignIn();
  const signedOut = useModel((model) => model.signedOut);
  if (signIn.kind !== 'open' || signedOut !== null) {
    return (
      <Suspense fallback={null}>
        <PairPage signIn={signIn} signedOut={signedOut} />
      </Suspense>
    );
  }
  return <Shell />;
}

function Shell(): ReactNode {
  const overlays = useOverlays();
  const { openStop, openSheet, openPalette, openSettings } = overlays;
  const openers = useMemo(() => ({ openSheet, openPalette }), [openSheet, openPalette]);
  const [path] = useLocation();
  useKeys(openers);
  useEffect(() => void fetchLater(), []);
  return (
    <StopContext value={openStop}>
      <Holdable>
        <div className="flex min-h-dvh">
          <a
            href="#main"
            className="sr-only z-30 rounded-sm bg-surface px-3 py-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
          >
            Skip to the panels
          </a>
          <Rail />
          <div className="flex min-w-0 flex-1 flex-col">
            <Topbar menu={<SmallMenu />} onHelp={openSheet} onSettings={openSettings} />
            <main id="main" className="min-w-0 flex-1">
              <Notice />
              <HeldBanner />
              <ChainBreakBar />
              <Guarded about={path}>
                <Held>
                  <Pages />
                </Held>
              </Guarded>
            </main>
            <Foot />
          </div>
          <Peek />
          <Overlays overlays={overlays} />
          <Receipts />
          <Announcer />
          <Notifier />
        </div>
      </Holdable>
    </StopContext>
  );
}

interface Openers {
  readonly openSheet: () => void;
  readonly openPalette: () => void;
}

function useKeys({ openSheet, openPalette }: Openers): void {
  const [, navigate] = useLocation();
  const [, peek] = usePeek();
  const { keys } = useSettings();
  const map = useKeyMap();
  const memory = useRef<KeyMemory>(null);
  useEffect(() => {
    const obey = (command: KeyCommand): void => {
      const target = rowTarget();
      switch (command.kind) {
        case 'go':
          return navigate(command.path);
        case 'row':
          return moveRow(command.step);
        case 'pick':
          return pickRow(command.range);
        case 'open':
          return target === null ? undefined : navigate(target);
        case 'peek':
          return target === null ? undefined : peek(target);
        case 'copy':
          return void copyLink(target);
        case 'help':
          return openSheet();
        case 'palette':
          // Pressed again in the open palette, nothing waits for it.
          if (document.querySelector('dialog[open]') === null) typedAhead.begin(performance.now());
          return openPalette();
        case 'utc':
          return nextSetting('zone');
        case 'rail':
          return nextSetting('rail');
        // What a page offers, it marks, and so does a panel for what has the focus in it; without a mark nothing is done.
        default: {
          const mark = `[data-key="${command.kind}"]`;
          const panel = document.activeElement?.closest('[data-panel]');
          return act(panel?.querySelector<HTMLElement>(mark) ?? document.querySelector<HTMLElement>(mark));
        }
      }
    };
    const listen = (event: KeyboardEvent): void => {
      const { key, ctrlKey, metaKey, altKey } = event;
      if (typedAhead.takes({ key, ctrlKey, metaKey, altKey, at: performance.now() }))
        return event.preventDefault();
      const [next, command] = press(memory.current, pressOf(event), map);
      memory.current = next;
      if (command === null || (keys === 'off' && !event.ctrlKey && !event.metaKey)) return;
      event.preventDefault();
      obey(command);
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, [keys, map, navigate, peek, openSheet, openPalette]);
}

/** A field takes the focus, anything else is pressed. */
function act(element: HTMLElement | null): void {
  if (element instanceof HTMLInputElement || element instanceof HTMLSelectElement) element.focus();
  else element?.click();
}

async function copyLink(target: string | null): Promise<void> {
  // Refused by the browser, the address bar still has it.
  await navigator.clipboard
    .writeText(target === null ? location.href : location.origin + target)
    .catch(() => undefined);
}

function pressOf(event: KeyboardEvent): Parameters<typeof press>[1] {
  const { key, ctrlKey, metaKey, altKey, shiftKey, target } = event;
  const element = target instanceof HTMLElement ? target : null;
  return {
    key,
    ctrlKey,
    metaKey,
    altKey,
    shiftKey,
    typing: element !== null && isTyping(element),
    pressable: element !== null && element.closest('a, button, summary, [role=button]') !== null,
    at: performance.now(),
  };
}

function isTyping(element: HTMLElement): boolean {
  return (
    element.isContentEditable ||
    element.closest('input:not([type=checkbox]), textarea, select, dialog') !== null
  );
}
