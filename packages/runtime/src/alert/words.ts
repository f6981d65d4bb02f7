import type { Severity } from './contract.ts';
import type { AlertState } from './state.ts';

interface Words {
  readonly title: string;
  readonly body: string;
}

const signs: Readonly<Record<Severity, string>> = { critical: '🚨', warning: '⚠️', info: 'ℹ️' };
const mostListed = 30;

/** The first word about one alert. */
export function firstWords(alert: AlertState, now: number): Words {
  const { severity, category, title, detail, next, alertId, returns, status } = alert;
  const again = status === 'active' && returns > 1 ? ' It was there before.' : '';
  return {
    title: `${signs[severity]} Alert · ${title}`,
    body: [
      `${category} (${severity})${overWords(alert)}`,
      '',
      ...(detail === '' ? [] : [detail]),
      `Began ${ago(now - alert.episodeAt)}.${again}`,
      `Next step: ${next}`,
      `kora alert ack ${alertId} --reason '...'`,
    ].join('\n'),
  };
}

/** Several at once, or what a cooldown held back. */
export function summaryWords(alerts: readonly AlertState[], now: number): Words {
  const categories = new Set(alerts.map(({ category }) => category));
  const [only] = categories;
  const about = categories.size === 1 && only !== undefined ? only : `${categories.size} kinds`;
  const sign = signs[alerts[0]?.severity ?? 'info'];
  return {
    title: `${sign} ${alerts.length} alerts · ${about}`,
    body: [...lines(alerts, now), 'Next step: kora alert list'].join('\n'),
  };
}

/** What is for information, once a day. */
export function digestWords(alerts: readonly AlertState[], now: number): Words {
  return {
    title: `${signs.info} Digest · ${counted(alerts.length, 'alert')}`,
    body: [...lines(alerts, now), 'Next step: kora alert list'].join('\n'),
  };
}

export function resolvedWords(alerts: readonly AlertState[]): Words {
  const [first] = alerts;
  if (alerts.length !== 1 || first === undefined)
    return {
      title: `✅ ${alerts.length} alerts are over`,
      body: alerts.slice(0, mostListed).map(endLine).join('\n'),
    };
  return { title: `✅ Over · ${first.title}`, body: endLine(first) };
}

/** Nobody has said to know of it. */
export function escalationWords(
  alert: AlertState,
  { now, last }: { readonly now: number; readonly last: boolean },
): Words {
  const { title, detail, next, alertId, escalations, incidentId } = alert;
  const seen =
    incidentId === null
      ? `kora alert ack ${alertId} --reason '...'`
      : `kora incident ack ${incidentId} --reason '...'`;
  return {
    title: `${signs.critical} Still · ${title}`,
    body: [
      `Nobody has acknowledged it for ${span(now - alert.episodeAt)}.`,
      ...(detail === '' ? [] : [detail]),
      last ? 'This is the last reminder: after it only the end is told.' : `Reminder ${escalations}.`,
      `Next step: ${next}`,
      seen,
    ].join('\n'),
  };
}

/** What goes on, for whoever could not be reached when it began. */
export function lateWords(alerts: readonly AlertState[], now: number): Words {
  const [first] = alerts;
  if (alerts.length !== 1 || first === undefined)
    return {
      title: `${signs.warning} ${alerts.length} alerts go on`,
      body: [
        'No channel but the inbox took them when they began.',
        ...lines(alerts, now),
        'Next step: kora alert list',
      ].join('\n'),
    };
  const { severity, category, title, detail, next, alertId } = first;
  return {
    title: `${signs[severity]} Goes on · ${title}`,
    body: [
      `${category} (${severity})`,
      '',
      ...(detail === '' ? [] : [detail]),
      `Began ${ago(now - first.episodeAt)}; no channel but the inbox took it then.`,
      `Next step: ${next}`,
      `kora alert ack ${alertId} --reason '...'`,
    ].join('\n'),
  };
}

function lines(alerts: readonly AlertState[], now: number): readonly string[] {
  const shown = alerts
    .slice(0, mostListed)
    .map(
      (alert) =>
        `${signs[alert.severity]} ${alert.alertId} ${alert.title}${overWords(alert)}, began ${ago(now - alert.episodeAt)}`,
    );
  const more = alerts.length - shown.length;
  return more > 0 ? [...shown, `and ${more} more`] : shown;
}

function endLine(alert: AlertState): string {
  const { title, episodeAt, resolvedAt } = alert;
  return `${title}: over after ${span((resolvedAt ?? episodeAt) - episodeAt)}.`;
}

function overWords({ status }: AlertState): string {
  return status === 'resolved' ? ', and is over again' : '';
}

/** A length of time as people say it: `40 s`, `12 min`, `3 h`, `2 d`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}

function ago(ms: number): string {
  return ms < 1_000 ? 'just now' : `${span(ms)} ago`;
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
