import type { ProbeSnapshot, ProbeSpec } from '../contract.ts';

/** One storm takes in what begins this soon after its last member, in this time after its first, and so many. */
export const stormGapMs = 30_000;
export const longestStormMs = 120_000;
export const mostInStorm = 50;

interface Storm {
  /** The wake of the incident that leads it, here or on another runtime. */
  id: string;
  /** The wake of the first of its incidents here, and the probe that saw it. */
  readonly first: string;
  readonly probe: string;
  readonly shares: ReadonlySet<string>;
  readonly startedAt: number;
  lastAt: number;
  /** Names of the probes in it: a second incident of one of them is news of its own. */
  readonly members: Set<string>;
  /** Whether its leader is there: the transaction that opened it may still fail. */
  isKept: boolean;
}

export interface Beginning {
  readonly wakeId: string;
  readonly probe: string;
  readonly shares: readonly string[];
}

/**
 * The storms of one runtime, by what their leader shares with whoever may follow. Kept in memory so that incidents which
 * open in the same instant, each in its own transaction, need not wait for one another.
 */
export class StormBook {
  #storms: Storm[] = [];

  /** The storm that an incident opening now belongs to; undefined when it leads one, which it does from now on. */
  join({ wakeId, probe, shares }: Beginning, now: number): string | undefined {
    // Looks at one probe follow one another: what it led and nobody kept is from a transaction that was lost.
    this.#storms = this.#storms.filter(
      (storm) =>
        now - storm.lastAt <= stormGapMs &&
        now - storm.startedAt <= longestStormMs &&
        (storm.isKept || storm.probe !== probe),
    );
    const storm = this.#storms.find(
      ({ members, shares: known }) =>
        members.size < mostInStorm && !members.has(probe) && shares.some((share) => known.has(share)),
    );
    if (storm === undefined) {
      const begun = { startedAt: now, lastAt: now, isKept: false };
      const known = { shares: new Set(shares), members: new Set([probe]) };
      this.#storms.push({ id: wakeId, first: wakeId, probe, ...known, ...begun });
      return undefined;
    }
    storm.lastAt = now;
    storm.members.add(probe);
    return storm.id;
  }

  /** The incident that began a storm here is there; what it led, or another runtime's storm, goes on under that name. */
  keep(wakeId: string, stormId: string): void {
    const storm = this.#storms.find(({ first }) => first === wakeId);
    if (storm === undefined) return;
    storm.id = stormId;
    storm.isKept = true;
  }
}

/** Faults that lie between here and everything, as a look says them in its details or its error. */
const nearFailures: ReadonlySet<unknown> = new Set(['dns', 'no_route']);
const nearCodes = /\b(EAI_AGAIN|ENETUNREACH|ENETDOWN|EMFILE|ENFILE|ENOBUFS)\b/;

/** Behind it stands every service of this machine: that two of them fail says nothing of either. */
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i;

/** By what an incident is known to belong with another: what it needs, where it lives, a cause on this side. */
export function sharesOf(
  spec: Pick<ProbeSpec, 'name' | 'target' | 'host'>,
  snapshot: Pick<ProbeSnapshot, 'error' | 'details'>,
  ancestors: readonly string[],
): string[] {
  const host = spec.host === undefined || loopback.test(spec.host) ? hostOf(spec.target) : spec.host;
  const cause = nearCause(snapshot);
  return [
    // A child that was seen to fail before what it needs shares its parent's own name.
    ...[spec.name, ...ancestors].map((name) => `needs:${name}`),
    ...(host === undefined ? [] : [`host:${host}`]),
    ...(cause === undefined ? [] : [`cause:${cause}`]),
  ];
}

function nearCause({ details, error = '' }: Pick<ProbeSnapshot, 'error' | 'details'>): string | undefined {
  const { failure } = details;
  return typeof failure === 'string' && nearFailures.has(failure) ? failure : nearCodes.exec(error)?.[1];
}

/** With its port: two services of one machine are two, unless their probes say that they share it. */
function hostOf(target: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(target) || !URL.canParse(target)) return undefined;
  const { host } = new URL(target);
  return host === '' ? undefined : host.toLowerCase();
}
