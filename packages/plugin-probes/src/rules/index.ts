import { dailyWindow } from './daily-window.ts';
import { elsewhere } from './elsewhere.ts';
import { flapping } from './flapping.ts';
import { latencySlope } from './latency-slope.ts';
import { recovered } from './recovered.ts';
import { recurrence } from './recurrence.ts';
import type { Fact, Rule, Scene } from './rule.ts';
import { sameHost } from './same-host.ts';
import { sinceWhen } from './since-when.ts';
import { whatChanged } from './what-changed.ts';
import { whatFailed } from './what-failed.ts';

/** In the order in which they are told: the message shows the first six that found something. */
export const rules: readonly Rule[] = [
  whatFailed,
  sinceWhen,
  recovered,
  sameHost,
  flapping,
  latencySlope,
  dailyWindow,
  recurrence,
  elsewhere,
  whatChanged,
];

export function findFacts(scene: Scene): readonly Fact[] {
  return rules.map((rule) => rule(scene)).filter((fact) => fact !== null);
}
