import type { Fact, Scene } from './rule.ts';
import { isFailing } from './rule.ts';

const windowMs = 3_600_000;
/** Changes between good and bad within the hour; a fault that comes and stays makes one. */
const manyChanges = 4;

/** A thing that keeps changing its mind is a different fault from one that is down. */
export function flapping(scene: Scene): Fact | null {
  const recent = scene.looks.filter(
    (look) => look.status !== 'unconfigured' && scene.now - Date.parse(look.at) <= windowMs,
  );
  let changes = 0;
  for (const [index, look] of recent.entries()) {
    const older = recent[index + 1];
    if (older !== undefined && isFailing(look.status) !== isFailing(older.status)) changes += 1;
  }
  if (changes < manyChanges) return null;
  const bad = recent.filter((look) => isFailing(look.status)).length;
  return {
    rule: 'flapping',
    line: `It flaps: ${changes} changes between good and bad in the last hour, ${bad} of ${recent.length} looks bad.`,
    evidence: { changes, bad, looks: recent.length },
  };
}
