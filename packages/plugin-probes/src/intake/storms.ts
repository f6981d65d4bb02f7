import { canaryProbe } from '../canary/contract.ts';
import { hostOf } from '../rules/host.ts';
import type { Wake } from '../wake.ts';

/** How long after its latest wake a storm still takes one in, how long in all, and how many. */
const quietMs = 30_000;
const longestMs = 120_000;
const most = 50;
const kept = 200;

/** Failures whose cause lies between here and everything: the same one at once in two places is one fault. */
const sharedFailures: ReadonlySet<unknown> = new Set(['dns', 'no_route']);

/** How long the investigation of a wake waits for its siblings; a critical one waits for nobody, and the canary has none. */
export function gatheringMs({ severity, probe }: Pick<Wake, 'severity' | 'probe'>): number {
  return severity === 'critical' || probe === canaryProbe ? 0 : quietMs;
}

/** Wakes that are one story: the leader's incident is investigated, and the others attach to it. */
export interface Storm {
  readonly leader: Wake;
  /** In the order they came; the leader is among them. */
  readonly members: readonly Wake[];
}

/**
 * Folds wakes into storms: as the runtime says, else those that come within half a minute of each other and share a parent,
 * a host or a cause. What shares nothing stays apart, however close in time. A critical wake does not wait behind a milder leader: it takes the
 * lead, once. What comes out depends only on the wakes and their order on the chain.
 */
export class Storms {
  readonly #storms: { leader: Wake; readonly members: Wake[] }[] = [];
  readonly #byWake = new Map<string, Storm>();

  /** Where this wake belongs. The same wake belongs to the same storm however often it comes. */
  place(wake: Wake): Storm {
    const known = this.#byWake.get(wake.wakeId);
    if (known !== undefined) return known;
    const storm = this.#storms.find((each) => belongsTo(each.members, wake));
    if (storm === undefined) return this.#open(wake);
    storm.members.push(wake);
    if (wake.severity === 'critical' && storm.leader.severity !== 'critical') storm.leader = wake;
    this.#byWake.set(wake.wakeId, storm);
    return storm;
  }

  /** The storm of a wake that was placed; null of one that was not, or long ago. */
  of(wakeId: string): Storm | null {
    return this.#byWake.get(wakeId) ?? null;
  }

  #open(wake: Wake): Storm {
    const storm = { leader: wake, members: [wake] };
    this.#storms.push(storm);
    this.#byWake.set(wake.wakeId, storm);
    if (this.#storms.length > kept)
      for (const { wakeId } of this.#storms.shift()?.members ?? []) this.#byWake.delete(wakeId);
    return storm;
  }
}

/**
 * Where the runtime has said which storm it is, that holds: it knows hosts and parents that no event carries. Its leader
 * may have been spared, and is not here then: whoever comes next leads those that follow.
 */
function belongsTo(members: readonly Wake[], wake: Wake): boolean {
  const { stormId } = wake;
  if (stormId === undefined) return takesIn(members, wake);
  return members.some((member) => member.wakeId === stormId || member.stormId === stormId);
}

function takesIn(members: readonly Wake[], wake: Wake): boolean {
  const [first] = members;
  const last = members.at(-1);
  if (first === undefined || last === undefined || members.length >= most) return false;
  if (wake.at - last.at > quietMs || wake.at - first.at > longestMs) return false;
  // A second incident of one probe is news of its own: that it is spared is for debounce to say.
  if (members.some(({ probe }) => probe === wake.probe)) return false;
  return members.some((member) => isRelated(member, wake));
}

/** Whether one fault may be behind both. */
function isRelated(one: Wake, other: Wake): boolean {
  const host = hostOf(one);
  if (host !== null && host === hostOf(other)) return true;
  const parents = [...(one.dependsOn ?? []), one.probe];
  const others = new Set([...(other.dependsOn ?? []), other.probe]);
  if (parents.some((parent) => others.has(parent))) return true;
  const failure = one.details['failure'];
  return sharedFailures.has(failure) && failure === other.details['failure'];
}
