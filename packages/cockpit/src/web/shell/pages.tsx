import { type ReactNode, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { OverviewPage } from '../panels/overview/overview.tsx';
import { later as page } from './later.ts';
import { Lost } from './lost.tsx';

const ApprovalsPage = page(() => import('../panels/approvals/approvals.tsx').then((m) => m.ApprovalsPage));
const ApprovalPage = page(() => import('../panels/approvals/approval.tsx').then((m) => m.ApprovalPage));
const StatePage = page(() => import('../panels/state/state.tsx').then((m) => m.StatePage));
const TicketsPage = page(() => import('../panels/tickets/tickets.tsx').then((m) => m.TicketsPage));
const TicketPage = page(() => import('../panels/tickets/ticket.tsx').then((m) => m.TicketPage));
const DaemonsPage = page(() => import('../panels/daemons/daemons.tsx').then((m) => m.DaemonsPage));
const DaemonPage = page(() => import('../panels/daemons/daemon.tsx').then((m) => m.DaemonPage));
const TaskPage = page(() => import('../panels/daemons/task.tsx').then((m) => m.TaskPage));
const ProbesPage = page(() => import('../panels/probes/probes.tsx').then((m) => m.ProbesPage));
const ProbePage = page(() => import('../panels/probes/probe.tsx').then((m) => m.ProbePage));
const IncidentPage = page(() => import('../panels/probes/incident.tsx').then((m) => m.IncidentPage));
const AlertsPage = page(() => import('../panels/probes/alerts.tsx').then((m) => m.AlertsPage));
const AlertPage = page(() => import('../panels/probes/alert.tsx').then((m) => m.AlertPage));
const WakesPage = page(() => import('../panels/probes/wakes.tsx').then((m) => m.WakesPage));
const WakePage = page(() => import('../panels/probes/wakes.tsx').then((m) => m.WakePage));
const InboxPage = page(() => import('../panels/inbox/inbox.tsx').then((m) => m.InboxPage));
const MessagePage = page(() => import('../panels/inbox/message-page.tsx').then((m) => m.MessagePage));
const EventsPage = page(() => import('../panels/events/events.tsx').then((m) => m.EventsPage));
const LogsPage = page(() => import('../panels/logs/logs.tsx').then((m) => m.LogsPage));
const RecoveryPage = page(() => import('../panels/recovery/recovery.tsx').then((m) => m.RecoveryPage));
const ReasoningPage = page(() => import('../panels/reasoning/reasoning.tsx').then((m) => m.ReasoningPage));
const RunPage = page(() => import('../panels/reasoning/run.tsx').then((m) => m.RunPage));
const CostPage = page(() => import('../panels/cost/cost.tsx').then((m) => m.CostPage));
const PhrasebookPage = page(() =>
  import('../panels/phrasebook/phrasebook.tsx').then((m) => m.PhrasebookPage),
);
const PromotionsPage = page(() =>
  import('../panels/promotions/promotions.tsx').then((m) => m.PromotionsPage),
);
const PromotionPage = page(() => import('../panels/promotions/promotion.tsx').then((m) => m.PromotionPage));
const BootPage = page(() => import('../panels/boot/boot.tsx').then((m) => m.BootPage));
const PluginsPage = page(() => import('../panels/plugins/plugins.tsx').then((m) => m.PluginsPage));
const PluginPage = page(() => import('../panels/plugins/plugin.tsx').then((m) => m.PluginPage));

const SessionsPage = page(() => import('../panels/sessions/sessions.tsx').then((m) => m.SessionsPage));
const CapabilitiesPage = page(() =>
  import('../panels/capabilities/capabilities.tsx').then((m) => m.CapabilitiesPage),
);
const ChannelsPage = page(() => import('../panels/channels/channels.tsx').then((m) => m.ChannelsPage));
const McpPage = page(() => import('../panels/mcp/mcp.tsx').then((m) => m.McpPage));
const ConfigurationPage = page(() =>
  import('../panels/configuration/configuration.tsx').then((m) => m.ConfigurationPage),
);
const DiagnosticsPage = page(() =>
  import('../panels/diagnostics/diagnostics.tsx').then((m) => m.DiagnosticsPage),
);
const ControlPage = page(() => import('../panels/control/control.tsx').then((m) => m.ControlPage));

/** The page of an address; also what a peek shows of it. */
export function Pages(): ReactNode {
  return (
    <Suspense fallback={null}>
      <Switch>
        <Route path="/">
          <OverviewPage />
        </Route>
        <Route path="/sessions">
          <SessionsPage />
        </Route>
        <Route path="/control">
          <ControlPage />
        </Route>
        <Route path="/state">
          <StatePage />
        </Route>
        <Route path="/approvals">
          <ApprovalsPage />
        </Route>
        <Route path="/approvals/:id">{({ id }) => <ApprovalPage key={id} id={id} />}</Route>
        <Route path="/tickets">
          <TicketsPage />
        </Route>
        <Route path="/tickets/:id">{({ id }) => <TicketPage key={id} id={id} />}</Route>
        <Route path="/daemons">
          <DaemonsPage />
        </Route>
        <Route path="/daemons/:name">
          {({ name }) => <DaemonPage key={name} name={decodeURIComponent(name)} />}
        </Route>
        <Route path="/tasks/:name">
          {({ name }) => <TaskPage key={name} name={decodeURIComponent(name)} />}
        </Route>
        <Route path="/probes">
          <ProbesPage />
        </Route>
        <Route path="/probes/:name">{({ name }) => <ProbePage key={name} name={name} />}</Route>
        <Route path="/incidents/:id">{({ id }) => <IncidentPage key={id} id={id} />}</Route>
        <Route path="/alerts">
          <AlertsPage />
        </Route>
        <Route path="/alerts/:id">{({ id }) => <AlertPage key={id} id={id} />}</Route>
        <Route path="/wakes">
          <WakesPage />
        </Route>
        <Route path="/wakes/:id">{({ id }) => <WakePage key={id} id={decodeURIComponent(id)} />}</Route>
        <Route path="/inbox">
          <InboxPage />
        </Route>
        <Route path="/inbox/:id">{({ id }) => <MessagePage key={id} id={id} />}</Route>
        <Route path="/events">
          <EventsPage />
        </Route>
        <Route path="/logs">
          <LogsPage />
        </Route>
        <Route path="/recovery">
          <RecoveryPage />
        </Route>
        <Route path="/reasoning">
          <ReasoningPage />
        </Route>
        <Route path="/reasoning/:id">{({ id }) => <RunPage key={id} id={decodeURIComponent(id)} />}</Route>
        <Route path="/cost">
          <CostPage />
        </Route>
        <Route path="/phrasebook">
          <PhrasebookPage />
        </Route>
        <Route path="/promotions">
          <PromotionsPage />
        </Route>
        <Route path="/promotions/:id">{({ id }) => <PromotionPage key={id} id={id} />}</Route>
        <Route path="/boot">
          <BootPage />
        </Route>
        <Route path="/capabilities">
          <CapabilitiesPage />
        </Route>
        <Route path="/channels">
          <ChannelsPage />
        </Route>
        <Route path="/mcp-clients">
          <McpPage />
        </Route>
        <Route path="/configuration">
          <ConfigurationPage />
        </Route>
        <Route path="/diagnostics">
          <DiagnosticsPage />
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
