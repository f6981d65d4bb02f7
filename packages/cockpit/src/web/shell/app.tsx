import { type ReactNode, useCallback, useEffect, useRef } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { BootPage } from '../panels/boot/boot.tsx';
import { DaemonsPage } from '../panels/daemons/daemons.tsx';
import { EventsPage } from '../panels/events/events.tsx';
import { InboxPage } from '../panels/inbox/inbox.tsx';
import { OverviewPage } from '../panels/overview/overview.tsx';
import { PluginPage } from '../panels/plugins/plugin.tsx';
import { PluginsPage } from '../panels/plugins/plugins.tsx';
import { IncidentPage } from '../panels/probes/incident.tsx';
import { ProbePage } from '../panels/probes/probe.tsx';
import { ProbesPage } from '../panels/probes/probes.tsx';
import { TicketPage } from '../panels/tickets/ticket.tsx';
import { TicketsPage } from '../panels/tickets/tickets.tsx';
import { useModel } from '../store/use.ts';
import { Announcer } from './announce.tsx';
import { HeldBanner } from './held-banner.tsx';
import { type KeyMemory, press } from './keys.ts';
import { Lost } from './lost.tsx';
import { SmallMenu } from './menu.tsx';
import { Notice } from './notice.tsx';
import { PairPage } from './pair-page.tsx';
import { Rail } from './rail.tsx';
import { Receipts } from './receipts.tsx';
import { useSignIn } from './session.ts';
import { useSettings } from './settings.ts';
import { Sheet } from './sheet.tsx';
import { Topbar } from './topbar.tsx';

/** The page: the way in, or the shell with one panel page in it. */
export function App(): ReactNode {
  const signIn = useSignIn();
  const signedOut = useModel((model) => model.signedOut);
  if (signIn.kind !== 'open' || signedOut !== null) return <PairPage signIn={signIn} signedOut={signedOut} />;
  return <Shell />;
}

function Shell(): ReactNode {
  const sheet = useRef<HTMLDialogElement>(null);
  const openSheet = useCallback((): void => {
    if (sheet.current?.open === false) sheet.current.showModal();
  }, []);
  useKeys(openSheet);
  return (
    <div className="flex min-h-dvh">
      <a
        href="#main"
        className="sr-only z-30 rounded-sm bg-surface px-3 py-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the panels
      </a>
      <Rail />
      <div className="flex min-w-0 flex-1 flex-col">
        <Topbar menu={<SmallMenu />} onHelp={openSheet} />
        <main id="main" className="min-w-0 flex-1">
          <Notice />
          <HeldBanner />
          <Pages />
        </main>
      </div>
      <Sheet dialog={sheet} />
      <Receipts />
      <Announcer />
    </div>
  );
}

function Pages(): ReactNode {
  return (
    <Switch>
      <Route path="/">
        <OverviewPage />
      </Route>
      <Route path="/tickets">
        <TicketsPage />
      </Route>
      <Route path="/tickets/:id">{({ id }) => <TicketPage key={id} id={id} />}</Route>
      <Route path="/daemons">
        <DaemonsPage />
      </Route>
      <Route path="/probes">
        <ProbesPage />
      </Route>
      <Route path="/probes/:name">{({ name }) => <ProbePage key={name} name={name} />}</Route>
      <Route path="/incidents/:id">{({ id }) => <IncidentPage key={id} id={id} />}</Route>
      <Route path="/inbox">
        <InboxPage />
      </Route>
      <Route path="/events">
        <EventsPage />
      </Route>
      <Route path="/boot">
        <BootPage />
      </Route>
      <Route path="/plugins">
        <PluginsPage />
      </Route>
      <Route path="/panels/:id">{({ id }) => <PluginPage key={id} id={decodeURIComponent(id)} />}</Route>
      <Route>
        <Lost />
      </Route>
    </Switch>
  );
}

function useKeys(openSheet: () => void): void {
  const [, navigate] = useLocation();
  const { keys } = useSettings();
  const memory = useRef<KeyMemory>(null);
  useEffect(() => {
    if (keys === 'off') return undefined;
    const listen = (event: KeyboardEvent): void => {
      const { key, ctrlKey, metaKey, altKey } = event;
      const at = performance.now();
      const [next, command] = press(memory.current, {
        key,
        ctrlKey,
        metaKey,
        altKey,
        typing: isTyping(event.target),
        at,
      });
      memory.current = next;
      if (command === null) return;
      event.preventDefault();
      if (command.kind === 'go') navigate(command.path);
      else if (command.kind === 'help') openSheet();
      else document.querySelector<HTMLElement>('[data-filter]')?.focus();
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, [keys, navigate, openSheet]);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest('input, textarea, select, dialog') !== null;
}
