import type { CauseClass, Finding } from '../../scene/contract.ts';
import { clockTime, oneLine } from '../words.ts';
import { watchedBy } from '../world/lineage.ts';
import { isBad } from '../world/statements.ts';
import { evidenceId, iso } from '../world/study.ts';
import type { CauseRule, Study } from '../world/study.ts';

/** A certificate of the lineage whose day has passed, whatever anybody says about it. */
export const certificates: CauseRule = ({ scene, lineage }) =>
  scene.certificates.flatMap((certificate): Finding[] => {
    const { entity, subject, notAfter } = certificate;
    if (!lineage.entities.has(entity) || notAfter > scene.now) return [];
    return [
      {
        rule: 'certificates',
        cause: 'certificate_expired',
        entity,
        text: `The certificate for ${oneLine(subject, 100)} expired at ${clockTime(notAfter, scene.now)}.`,
        evidence: [evidenceId('certificate', certificate.id)],
        at: notAfter,
        weight: 'deciding',
        fix: 'renew the certificate, and reload what presents it',
      },
    ];
  });

const gone =
  /^(?:gone|missing|not[ _-]running|dead|stopped|inactive|exited|failed|crashed|down|off(?:line)?|killed|terminated)\b/i;
const hostGone =
  /^(?:down|not[ _-]?ready|unreachable|off(?:line)?|dead|lost|unknown|failed|powered[ _-]off)\b/i;

/** Hosts that are down, and units and processes that are not there. */
export const whatIsGone: CauseRule = (study) => [...hostsDown(study), ...unitsGone(study)];

function hostsDown({ lineage, onset }: Study): readonly Finding[] {
  return [...lineage.entities.values()].flatMap((host): Finding[] => {
    if (host.kind !== 'host' || !hostGone.test(host.state)) return [];
    return [
      {
        rule: 'host_down',
        cause: 'process_gone',
        entity: host.id,
        text: `The host ${host.name} is ${oneLine(host.state, 60)}, and all that lives on it with it.`,
        evidence: [host.id],
        at: onset,
        weight: 'deciding',
        fix: `look at ${host.name} itself before what lives on it`,
      },
    ];
  });
}

function unitsGone({ scene, lineage }: Study): readonly Finding[] {
  return [...lineage.entities.values()].flatMap((entity): Finding[] => {
    if (entity.kind !== 'unit' && entity.kind !== 'process') return [];
    const unit = scene.units.find((one) => one.entity === entity.id);
    const state = unit?.state ?? entity.state;
    if (!gone.test(state)) return [];
    const last = unit?.last ?? null;
    // A thing that ended itself had a reason, and that it ended is not it.
    const endedItself = last?.exitCode !== null && last?.exitCode !== undefined && last.exitCode !== 0;
    const how = last === null ? '' : `, ${oneLine(last.reason, 120)}${exitWords(last)}`;
    return [
      {
        rule: 'unit_gone',
        cause: 'process_gone',
        entity: entity.id,
        text: `${entity.name} is ${oneLine(state, 60)}${how}.`,
        evidence: [entity.id],
        at: last?.at ?? null,
        weight: endedItself ? 'supporting' : 'deciding',
        fix: `start ${entity.name} again, after reading why it ended`,
      },
    ];
  });
}

function exitWords({ exitCode, signal }: { exitCode: number | null; signal: string | null }): string {
  if (signal !== null) return `, by ${oneLine(signal, 20)}`;
  return exitCode === null ? '' : `, with exit code ${exitCode}`;
}

type Seen = readonly [cause: CauseClass, weight: Finding['weight'], words: string];

/** How a probe names what it saw: whether that is why, or only what. */
const seen: Readonly<Record<string, Seen>> = {
  full: ['disk_full', 'deciding', 'has no room left'],
  not_running: ['process_gone', 'deciding', 'does not run'],
  pid_file: ['process_gone', 'supporting', 'left no sign of running'],
  refused: ['dependency_refused', 'supporting', 'refuses connections'],
  timeout: ['timeout_rate', 'supporting', 'does not answer in time'],
  dns: ['dns', 'supporting', 'has a name that does not resolve'],
  slow: ['slow_path', 'supporting', 'answers slowly'],
  status: ['http_status', 'supporting', 'answers with a status that is not expected'],
  body: ['http_status', 'supporting', 'answers with something that is not expected'],
  auth: ['auth', 'supporting', 'refuses the credentials'],
  memory_low: ['memory_growth', 'supporting', 'has little memory left'],
};

/** What to do of what is why by itself. */
const mends: Readonly<Record<string, string>> = {
  full: 'free or add space on it',
  not_running: 'start it again, after reading in its log why it ended',
};

const unnamed: Seen = ['unknown', 'supporting', 'fails'];

/** What the probe of the order saw itself. That a thing refuses says that it fails, seldom why. */
export const whatWasSeen: CauseRule = ({ scene, lineage, onset }) => {
  const { subject } = lineage;
  const { order } = scene;
  const failing = scene
    .looks(order.probe)
    .filter(({ status, at }) => isBad(status) && (onset === null || at >= onset));
  const first = failing.at(-1);
  if (first === undefined) return [];
  const told = first.details['failure'];
  const seenAs = httpStatusIn(first.error ?? '') ? 'status' : order.category;
  const failure = typeof told === 'string' ? told : seenAs;
  const [cause, weight, words] = (Object.hasOwn(seen, failure) ? seen[failure] : undefined) ?? unnamed;
  return [
    {
      rule: 'what_was_seen',
      cause,
      entity: subject === null ? `probe:${order.probe}` : watchedBy(subject),
      text: `${oneLine(order.target, 100)} ${words}: ${oneLine(first.error ?? first.status, 200)}`,
      evidence: [`look:${order.probe}@${iso(first.at)}`],
      at: first.at,
      weight,
      ...(Object.hasOwn(mends, failure) ? { fix: mends[failure] } : {}),
    },
  ];
};

function httpStatusIn(text: string): boolean {
  return /\b(?:HTTP|status)\D{0,8}[45]\d\d\b/i.test(text);
}
