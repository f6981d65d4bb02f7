import { alertSchema, type DaemonRow, incidentSchema, receiptSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Act } from '../../kit/act.tsx';
import { Command } from '../../kit/command.tsx';
import { ResumeAct } from '../../shell/pause-act.tsx';
import type { Need, NeedAct } from '../../store/needs.ts';
import { useScope } from '../../store/use-deeds.ts';
import { ApprovalActs, DecisionActs } from '../approvals/approval-acts.tsx';
import { TicketAct } from '../tickets/ticket-acts.tsx';

/** What answers a need: buttons where this session may press them, else the commands. */
export function NeedActs({ need }: { readonly need: Need }): ReactNode {
  const scope = need.act?.kind === 'approval' || need.act?.kind === 'decision' ? 'approve' : 'operate';
  const may = useScope(scope);
  if (may && need.act !== null) return <Acts act={need.act} />;
  return (
    <span className="flex min-w-0 flex-col items-end gap-1">
      <Command>{need.command}</Command>
      {need.otherwise === undefined ? null : <Command>{need.otherwise}</Command>}
    </span>
  );
}

function Acts({ act }: { readonly act: NeedAct }): ReactNode {
  switch (act.kind) {
    case 'approval':
      return <ApprovalActs approval={act.approval} />;
    case 'decision':
      return <DecisionActs decision={act.decision} />;
    case 'resume':
      return act.holdId === null ? <ResumeAct /> : <ResumeAct holdId={act.holdId} />;
    case 'ticket':
      return (
        <span className="flex flex-wrap gap-2">
          <TicketAct verb="unblock" ticketId={act.ticketId} />
          <TicketAct verb="cancel" ticketId={act.ticketId} />
        </span>
      );
    case 'daemon':
      return <RestartAct name={act.name} state={act.state} />;
    case 'alert':
      return (
        <Act
          label="Acknowledge"
          title={`Acknowledge alert ${act.alertId}`}
          needs="operate"
          path={`/api/alerts/${act.alertId}/ack`}
          answer={alertSchema}
          keyed={false}
          effect="You know of it: nobody is reminded any more. It ends by itself when it is over."
          command={`kora alert ack ${act.alertId} --reason "…"`}
        />
      );
    case 'incident':
      return (
        <Act
          label="Acknowledge"
          title={`Acknowledge incident #${act.incidentId}`}
          needs="operate"
          path={`/api/incidents/${act.incidentId}/ack`}
          answer={incidentSchema}
          keyed={false}
          effect="You know of it: nobody is reminded any more. It ends by itself when it is over, and if it begins again it is told again."
          command={`kora incident ack ${act.incidentId} --reason "…"`}
        />
      );
  }
}

interface RestartActProps {
  readonly name: string;
  readonly state: DaemonRow['state'];
}

/** Ends a daemon and starts it anew; of one that waits for its next try it is the end of the waiting. */
export function RestartAct({ name, state }: RestartActProps): ReactNode {
  const waits = state === 'backing_off' || state === 'quarantined';
  return (
    <Act
      label={waits ? 'Reset back-off' : 'Restart'}
      title={waits ? `Reset the back-off of daemon ${name}` : `Restart daemon ${name}`}
      needs="operate"
      path={`/api/daemons/${encodeURIComponent(name)}/restart`}
      answer={receiptSchema}
      keyed={false}
      effect={
        waits
          ? 'It is started now, and waits as little after its next end as after its first.'
          : 'It is ended and started anew; what it does on a schedule goes on afterwards.'
      }
      command={`kora daemon restart ${name} --reason "…"`}
    />
  );
}
