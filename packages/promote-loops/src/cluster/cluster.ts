import { Buckets } from './buckets.ts';
import { similarity } from './features.ts';
import type { SignatureCache } from './signature.ts';

/** A normalised text and how often it came. */
export interface Counted {
  readonly text: string;
  readonly count: number;
}

export interface Cluster<Item extends Counted> {
  /** The most frequent first. */
  readonly members: readonly Item[];
  /** All counts together. */
  readonly count: number;
}

export interface ClusterOptions {
  /** Cosine that every two members of a cluster have at least, 0 to 1. */
  readonly threshold: number;
  readonly cache: SignatureCache;
  /** Lets others run; called between stretches of a few milliseconds. */
  readonly pause: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** A cluster of more texts is split: to be in it, a text is compared to each of its members. */
const mostMembers = 128;
const mostNear = 32;
const stretch = 256;

/**
 * Texts that are alike, each with each (complete link: nothing is in a cluster through a third). The most frequent texts
 * come first and those of equal count by their letters, whatever the order given: the same texts always give the same
 * clusters. Candidates are found by MinHash bands, so time grows with the texts and not with their pairs; likeness itself is
 * exact. Each text is in one cluster; texts must differ.
 */
export async function clustersOf<Item extends Counted>(
  items: readonly Item[],
  { threshold, cache, pause, signal }: ClusterOptions,
): Promise<readonly Cluster<Item>[]> {
  const ordered = items.toSorted((one, other) => other.count - one.count || compare(one.text, other.text));
  const buckets = new Buckets(ordered.length);
  const groups: { members: Item[]; features: Uint32Array[] }[] = [];
  for (const [at, item] of ordered.entries()) {
    if (at % stretch === stretch - 1) {
      signal.throwIfAborted();
      await pause();
    }
    const { features, keys } = cache.of(item.text);
    let best = -1;
    let closest = 0;
    for (const group of buckets.near(keys, mostNear)) {
      const link = linkTo(groups[group]?.features ?? [], features, threshold);
      if (link > closest) {
        best = group;
        closest = link;
      }
    }
    const found = groups[best];
    if (found === undefined) groups.push({ members: [item], features: [features] });
    else {
      found.members.push(item);
      found.features.push(features);
    }
    buckets.add(keys, found === undefined ? groups.length - 1 : best);
  }
  return groups
    .map(({ members }) => ({ members, count: members.reduce((sum, { count }) => sum + count, 0) }))
    .sort((one, other) => other.count - one.count || compare(firstText(one), firstText(other)));
}

/** The least likeness to any of them; 0 when one is below the threshold, or no more may join. */
function linkTo(members: readonly Uint32Array[], features: Uint32Array, threshold: number): number {
  if (members.length === 0 || members.length >= mostMembers) return 0;
  let link = 1;
  for (const member of members) {
    const likeness = similarity(member, features);
    if (likeness < threshold) return 0;
    link = Math.min(link, likeness);
  }
  return link;
}

function firstText({ members }: Cluster<Counted>): string {
  return members[0]?.text ?? '';
}

/** By code units: the same on every machine, whatever its language. */
export function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
