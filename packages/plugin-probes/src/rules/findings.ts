import type { Finding, Scene } from '../scene/contract.ts';
import { changedBefore, changeThenShift, linkedChanges } from './cause/changed.ts';
import { counts } from './cause/counts.ts';
import { cascade, earliestError } from './cause/errors.ts';
import { full, latencyTrend, memoryGrowth, timeoutGauge } from './cause/gauged.ts';
import { limitedClient, slowPath, timeoutsLogged } from './cause/logged.ts';
import { noticed } from './cause/noticed.ts';
import { outside } from './cause/outside.ts';
import { recurring } from './cause/recurring.ts';
import { remembered } from './cause/remembered.ts';
import { said } from './cause/said.ts';
import { certificates, whatIsGone, whatWasSeen } from './cause/states.ts';
import { watchdog } from './cause/watchdog.ts';
import { studyOf } from './world/study.ts';
import type { CauseRule, Study } from './world/study.ts';

export const causeRules: readonly CauseRule[] = [
  watchdog,
  certificates,
  counts,
  said,
  whatIsGone,
  full,
  memoryGrowth,
  changeThenShift,
  recurring,
  cascade,
  limitedClient,
  timeoutsLogged,
  timeoutGauge,
  slowPath,
  latencyTrend,
  earliestError,
  outside,
  whatWasSeen,
  changedBefore,
  noticed,
];

/**
 * Reads the logs that the order is about and asks every rule. Everything that is found is told, also what speaks
 * against another; `conclude` weighs it. Rejects when the signal is raised, or with what a log's reading throws.
 */
export async function findCauses(scene: Scene, signal?: AbortSignal): Promise<readonly Finding[]> {
  return findingsOf(await studyOf(scene, signal));
}

/** What the rules find in a study; pure. */
export function findingsOf(study: Study): readonly Finding[] {
  const found = causeRules.flatMap((rule) => rule(study));
  const linked = [...found, ...linkedChanges(found, study)];
  return [...linked, ...remembered(linked, study), ...cutShort(study)];
}

/** What was not all there to be read is said. */
function cutShort({ logs }: Study): readonly Finding[] {
  return logs.flatMap(({ truncated, source, entity, firstLine }): Finding[] =>
    truncated
      ? [
          {
            rule: 'truncated',
            cause: 'unknown',
            entity,
            text: `Only a part of ${source.id} could be read: what it says further is not known.`,
            evidence: [firstLine === null ? entity : `${source.id}#${firstLine}`],
            at: null,
            weight: 'supporting',
          },
        ]
      : [],
  );
}
