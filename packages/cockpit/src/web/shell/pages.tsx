import { type ComponentType, type LazyExoticComponent, lazy, type ReactNode, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { OverviewPage } from '../panels/overview/overview.tsx';
import { Lost } from './lost.tsx';

const loads: (() => Promise<unknown>)[] = [];

/** A page whose code comes when it is first looked at, or when the browser has nothing better to do. */
function page<Props>(load: () => Promise<ComponentType<Props>>): LazyExoticComponent<ComponentType<Props>> {
  loads.push(load);
  return lazy(async () => ({ default: await load() }));
}

const TicketsPage = page(() => import('../panels/tickets/tickets.tsx').then((m) => m.TicketsPage));
const TicketPage = page(() => import('../panels/tickets/ticket.tsx').then((m) => m.TicketPage));
const DaemonsPage = page(() => import('../panels/daemons/daemons.tsx').then((m) => m.DaemonsPage));
const ProbesPage = page(() => import('../panels/probes/probes.tsx').then((m) => m.ProbesPage));
const ProbePage = page(() => import('../panels/probes/probe.tsx').then((m) => m.ProbePage));
const IncidentPage = page(() => import('../panels/probes/incident.tsx').then((m) => m.IncidentPage));
const InboxPage = page(() => import('../panels/inbox/inbox.tsx').then((m) => m.InboxPage));
const EventsPage = page(() => import('../panels/events/events.tsx').then((m) => m.EventsPage));
const BootPage = page(() => import('../panels/boot/boot.tsx').then((m) => m.BootPage));
const PluginsPage = page(() => import('../panels/plugins/plugins.tsx').then((m) => m.PluginsPage));
const PluginPage = page(() => import('../panels/plugins/plugin.tsx').then((m) => m.PluginPage));

/** The page of an address; also what a peek shows of it. */
export function Pages(): ReactNode {
  return (
    <Suspense fallback={null}>
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
    </Suspense>
  );
}

/** Fetches what is left: a page must also open when the runtime that would serve its code has just gone. */
export async function fetchPages(): Promise<void> {
  for (const load of loads) await load().catch(() => undefined);
}
