import type { Fact, Scene } from './rule.ts';
import { looksBefore } from './rule.ts';
import { clockTime, span } from './words.ts';

/** Since when it fails, when it was last good, and how long it had been. */
export function sinceWhen(scene: Scene): Fact {
  const { failingSince, lastGoodAt, now } = scene;
  const failing =
    failingSince === null
      ? 'Since when it fails is unknown'
      : `Failing since ${clockTime(failingSince, now)}`;
  const good =
    lastGoodAt === null
      ? 'no good look is on record'
      : `last good look at ${clockTime(lastGoodAt, now)}${goodBefore(scene)}`;
  return {
    rule: 'since_when',
    line: `${failing}; ${good}.`,
    evidence: { failingSince, lastGoodAt, goodFrom: goodRun(scene)?.from ?? null },
  };
}

function goodBefore(scene: Scene): string {
  const run = goodRun(scene);
  if (run === null || scene.failingSince === null) return '';
  const length = span(Date.parse(scene.failingSince) - Date.parse(run.from));
  return run.complete ? `, after ${length} of good ones` : `, after at least ${length} of good ones`;
}

/** The unbroken good looks before the failure; incomplete when older looks are not kept or were not made. */
function goodRun(scene: Scene): { readonly from: string; readonly complete: boolean } | null {
  const before = looksBefore(scene);
  const broken = before.findIndex((look) => look.status !== 'healthy');
  const run = broken === -1 ? before : before.slice(0, broken);
  const oldest = run.at(-1);
  return oldest === undefined ? null : { from: oldest.at, complete: broken !== -1 };
}
