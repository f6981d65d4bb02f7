import { acknowledgeAlert, findAlert, listAlerts, readPing, snoozeAlert } from './alert/index.ts';
import { alertSaying } from './alert-decisions.ts';
import type { Ground } from './ground.ts';
import type { House } from './http/index.ts';
import { incidentAnswers } from './incident-answers.ts';
import type { Rooms } from './rooms.ts';
import { operatorActor } from './workspace/index.ts';

/** What is wrong beside what probes find, and what the operator says of it. */
export function alertAnswers(
  ground: Ground,
  rooms: Rooms,
): Pick<House, 'alerts' | 'alert' | 'acknowledgeAlert' | 'snoozeAlert'> {
  const { clock, home } = ground;
  const { database, workspace } = rooms;
  const { workspaceId } = workspace;
  const options = alertSaying(ground, rooms);
  const incidents = incidentAnswers(ground, rooms);
  const saidOf = (alertId: number, reason: string) => ({
    alertId,
    reason,
    by: operatorActor,
    via: 'api',
    now: clock.now(),
  });
  return {
    alerts: async (query) => {
      const [alerts, ping] = await Promise.all([
        listAlerts(database, workspaceId, query, options),
        readPing(database, workspaceId, home.runtimeId),
      ]);
      return { alerts, ping };
    },
    alert: (alertId) => findAlert(database, workspaceId, alertId, options),
    acknowledgeAlert: async (alertId, reason) => {
      const alert = await acknowledgeAlert(options, saidOf(alertId, reason));
      // One fault, one story: whoever knows of the alert knows of its incident.
      if (alert.incidentId !== null) await incidents.acknowledgeIncident(alert.incidentId, { reason });
      return alert;
    },
    snoozeAlert: async (alertId, { reason, forMs }) => {
      const alert = await snoozeAlert(options, { ...saidOf(alertId, reason), forMs });
      if (alert.incidentId !== null) await incidents.silenceIncident(alert.incidentId, { reason, forMs });
      return alert;
    },
  };
}
