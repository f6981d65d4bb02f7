import type { Entity, Finding } from '../../scene/contract.ts';
import { oneLine } from '../words.ts';
import type { CauseRule, Study } from '../world/study.ts';

const capacityKey = /capacity|allocatable|^max|_max|max_|limit|quota/i;
const usedKey = /pods|count|used|in_?use|running|allocated|current|scheduled|slots|sessions|instances/i;
/** Sizes and settings are not counts, and a deployment with all its copies is not full. */
const noCount = /memory|bytes|mem|cpu|ms$|timeout|percent|rate|pool|conn|replica|ready|surge|retr|restart/i;

/** Counts against capacity of hosts and of what else has one: `pods 110` beside `capacity 110`. */
export const counts: CauseRule = (study) =>
  [...study.lineage.entities.values()].flatMap((entity): Finding[] => {
    const found = fullIn(bagOf(entity, study), livingOn(entity, study));
    if (found === null) return [];
    return [
      {
        rule: 'counts',
        cause: 'capacity',
        entity: entity.kind === 'probe' ? (hostBelow(entity, study) ?? entity.id) : entity.id,
        text: `${oneLine(entity.name, 80)} holds ${found.used} of ${found.capacity} (${oneLine(found.what, 60)}): it has no room for more.`,
        evidence: [entity.id],
        at: null,
        weight: 'deciding',
        fix: 'add capacity, or move something away from it',
      },
    ];
  });

interface Full {
  readonly used: number;
  readonly capacity: number;
  readonly what: string;
}

/** The numbers that are known of an entity: its labels, what its probe measured, and the last points of its series. */
function bagOf(entity: Entity, { scene }: Study): ReadonlyMap<string, number> {
  const bag = new Map<string, number>();
  for (const { entity: owner, name, points } of scene.series) {
    const last = points.at(-1);
    if (owner === entity.id && last !== undefined) bag.set(name, last[1]);
  }
  if (entity.kind === 'probe') {
    for (const [key, value] of flat(scene.looks(entity.name)[0]?.details ?? {})) keep(bag, key, value);
  }
  for (const [key, value] of Object.entries(entity.labels)) keep(bag, key, value);
  return bag;
}

/** Details with what lies one level deeper, under both names. */
function flat(details: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(details).flatMap(([key, value]): (readonly [string, unknown])[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).map(([inner, one]: [string, unknown]) => [`${key} ${inner}`, one] as const)
      : [[key, value]],
  );
}

function keep(bag: Map<string, number>, key: string, value: unknown): void {
  if (typeof value === 'number' && Number.isFinite(value)) bag.set(key, value);
  if (typeof value !== 'string') return;
  const pair = /^\s*(\d{1,7})\s?(?:\/|of)\s?(\d{1,7})\b/.exec(value);
  if (pair !== null && !noCount.test(key)) {
    bag.set(`${key} count`, Number(pair[1]));
    bag.set(`${key} capacity`, Number(pair[2]));
  } else if (/^\s*\d{1,9}\s*$/.test(value)) bag.set(key, Number(value));
}

function livingOn(host: Entity, { scene }: Study): number | null {
  if (host.kind !== 'host') return null;
  return scene.entities.filter((one) => one.host === host.id || one.host === host.name).length;
}

function fullIn(bag: ReadonlyMap<string, number>, living: number | null): Full | null {
  for (const [key, capacity] of bag) {
    if (!capacityKey.test(key) || noCount.test(key) || capacity < 2) continue;
    const words = wordsOf(key);
    const used = [...bag].find(
      ([other]) =>
        other !== key &&
        !capacityKey.test(other) &&
        !noCount.test(other) &&
        usedKey.test(other) &&
        (words.length === 0 ||
          wordsOf(other).length === 0 ||
          words.some((word) => wordsOf(other).includes(word))),
    );
    const count =
      used?.[1] ??
      (/pod|instance|container|process|^(?:capacity|max|allocatable)$/i.test(key) ? living : null);
    if (count !== null && count >= capacity) return { used: count, capacity, what: used?.[0] ?? key };
  }
  return null;
}

function wordsOf(key: string): readonly string[] {
  return key
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter(
      (word) =>
        !/^(?:|capacity|allocatable|max|limit|quota|count|used|in|use|running|allocated|current|scheduled|of)$/.test(
          word,
        ),
    )
    .map((word) => word.replace(/s$/, ''));
}

function hostBelow(entity: Entity, { lineage }: Study): string | undefined {
  return entity.dependsOn.find((id) => lineage.entities.get(id)?.kind === 'host');
}
