import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import type { Happened } from './follow.ts';
import { alertRaised, alertResolved, alertTold } from './events.ts';
import type { AlertState } from './state.ts';
import type { AlertMessage } from './telling.ts';
import { alertWake } from './wake-event.ts';

export function raisedDraft(
  alert: AlertState,
  how: Exclude<Happened, 'resolved' | 'snooze_over'>,
): EventDraft {
  const { wakeId, returns } = alert;
  return draft(alertRaised, { ...aboutOf(alert), wake_id: wakeId, returns, how }, linksOf(alert));
}

export function resolvedDraft(alert: AlertState): EventDraft {
  const lasted = Math.max(0, (alert.resolvedAt ?? alert.episodeAt) - alert.episodeAt);
  return draft(alertResolved, { ...aboutOf(alert), lasted_ms: lasted }, linksOf(alert));
}

/** What makes somebody find out why. */
export function wakeDraft(alert: AlertState, wakeId: string, causationId: string): EventDraft {
  const { alertId, severity, category, title, detail, thread, incidentId } = alert;
  const payload = {
    alert_id: String(alertId),
    wake_id: wakeId,
    severity,
    category,
    incident_id: incidentId,
    title,
    detail,
    thread,
  };
  return draft(alertWake, payload, { correlationId: wakeId, causationId });
}

export function toldDraft({ kind, alertIds, severity, channels, key }: AlertMessage): EventDraft {
  const channel = channels[0] ?? 'inbox';
  return draft(alertTold, { kind, alert_ids: alertIds.map(String), severity, channel, key });
}

function aboutOf({ alertId, source, category, severity, incidentId, key, title, detail }: AlertState) {
  const named = { alert_id: String(alertId), source, category, severity, incident_id: incidentId };
  return { ...named, key, title, detail };
}

function linksOf({ wakeId }: AlertState): { correlationId?: string } {
  return wakeId === null ? {} : { correlationId: wakeId };
}
