import type { Finding } from '../../scene/contract.ts';
import { oneLine } from '../words.ts';
import { isBad } from '../world/statements.ts';
import type { CauseRule, Study } from '../world/study.ts';

const purpose =
  /\b(?:dead.?man'?s?.?(?:switch|snitch)?|always[- ]?(?:be[- ]?)?(?:fir(?:es|ing)|on|active|alert\w*)|(?:should|must|meant to|supposed to|expected to) (?:always |constantly |permanently )(?:be )?(?:fir(?:e|ing)|alert\w*|on)|never (?:stops?|resolves?)|proves? that .{0,60}(?:alert|pipeline|works)|heartbeat of the alert\w*)/i;
/** A service may be called so too; of an alert its words say that it is one. */
const isAlert = /\b(?:alert(?:s|ing|manager)?|firing|fires|prometheus)\b/i;
const named = /\b(?:watchdog|dead.?man(?:'?s?.?switch)?|always.?firing)\b/i;
/** A machine's own watchdog timer is something else: it bites when a thing hangs. */
const bites = /watchdog.{0,30}(?:timeout|timed out|reset|expired|bite|kill)|WatchdogSec/i;
const silent = /^(?:not[ _-]firing|silent|stopped|absent|missing|inactive|resolved|gone|none|stale)\b/i;

/** Its own text says what it would mean if it did not fire; that it has stopped is said otherwise. */
const hasStopped =
  /\b(?:stopped|no longer|ceased|has not|have not|lost)\b.{0,30}\b(?:fir(?:e|es|ed|ing)|ring(?:s|ing)?|rung|received|seen|heard)\b|\bnot (?:fir(?:e|ing)|ring(?:ing)?|received|seen|heard) (?:since|any ?(?:more|longer))/i;

/** An alert that is there to fire: that it fires is good, and that it is silent is the incident. */
export const watchdog: CauseRule = (study) => {
  const text = wordsOf(study);
  if (bites.test(text) || !(purpose.test(text) || (named.test(text) && isAlert.test(text)))) return [];
  const { subject } = study.lineage;
  const entity = subject?.id ?? `probe:${study.scene.order.probe}`;
  const evidence = [
    entity,
    ...(study.scene.incident === null ? [] : [`incident:${study.scene.incident.incidentId}`]),
  ];
  const rule = oneLine(subject?.labels['alert'] ?? subject?.labels['rule'] ?? study.scene.order.probe, 80);
  return [isSilent(study) ? stopped(rule, { entity, evidence }) : fires(rule, { entity, evidence })];
};

interface Place {
  readonly entity: string;
  readonly evidence: readonly string[];
}

function fires(rule: string, place: Place): Finding {
  return {
    rule: 'watchdog_fires',
    cause: 'always_firing',
    ...place,
    text: `${rule} fires always, by its purpose: as long as it does, alerts get through. It is no incident.`,
    at: null,
    weight: 'deciding',
  };
}

function stopped(rule: string, place: Place): Finding {
  return {
    rule: 'watchdog_silent',
    cause: 'always_firing',
    ...place,
    text: `${rule} has stopped firing, though it should always fire: alerts may not get through any more.`,
    at: null,
    weight: 'deciding',
    fix: 'follow one alert from its rule to the operator, and mend where it ends',
  };
}

function wordsOf({ scene, lineage }: Study): string {
  const { order, incident, wake } = scene;
  const labels = Object.entries(lineage.subject?.labels ?? {}).map(([key, value]) => `${key} ${value}`);
  const said = [order.probe, order.target, incident?.title, incident?.detail, wake?.title, wake?.detail];
  const details = [wake?.details, scene.looks(order.probe)[0]?.details].map((one) =>
    JSON.stringify(one ?? {}),
  );
  return [...said, ...labels, ...details].join(' \n ').slice(0, 20_000);
}

function isSilent({ scene, lineage }: Study): boolean {
  const { order, incident, wake, now } = scene;
  const [latest, before] = scene.looks(order.probe);
  if (silent.test(lineage.subject?.state ?? '')) return true;
  if (latest?.details['firing'] === false || latest?.details['active'] === false) return true;
  const words = [incident?.title, incident?.detail, wake?.detail, latest?.error].join(' \n ');
  if (hasStopped.test(words)) return true;
  // Who looks at an alert sees it fail as long as it fires.
  const fired = scene.looks(order.probe).some(({ status }) => isBad(status));
  if (latest !== undefined && fired && !isBad(latest.status)) return true;
  // What came every minute and has not come for three of them.
  return (
    latest !== undefined &&
    before !== undefined &&
    now - latest.at > 3 * Math.max(60_000, latest.at - before.at)
  );
}
