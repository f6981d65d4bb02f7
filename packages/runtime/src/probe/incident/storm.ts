import type { ProbeSnapshot, ProbeSpec } from '../contract.ts';

/** One storm takes in what begins this soon after its last member, in this time after its first, and so many. */
export const stormGapMs = 30_000;
export const longestStormMs = 120_000;
export const mostInStorm = 50;

interface Storm {
  /** The wake of the incident that leads it. */
  readonly id: string;
  readonly probe: string;
  readonly shares: ReadonlySet<string>;
  readonly startedAt: number;
  lastAt: number;
  members: number;
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
      (each) => each.members < mostInStorm && shares.some((share) => each.shares.has(share)),
    );
    if (storm === undefined) {
      const begun = { startedAt: now, lastAt: now, members: 1, isKept: false };
      this.#storms.push({ id: wakeId, probe, shares: new Set(shares), ...begun });
      return undefined;
    }
    storm.lastAt = now;
    storm.members += 1;
    return storm.id;
  }

  /** The incident that leads it is there. */
  keep(wakeId: string): void {
    const storm = this.#storms.find(({ id }) => id === wakeId);
    if (storm !== undefined) storm.isKept = true;
  }
}

/** Codes of faults that lie on this side of the network, whatever is asked. */
const nearCodes = /\b(EAI_AGAIN|ENETUNREACH|ENETDOWN|EMFILE|ENFILE|ENOBUFS)\b/;

/** By what an incident is known to belong with another: what it needs, where it lives, a cause on this side. */
export function sharesOf(
  spec: Pick<ProbeSpec, 'name' | 'target' | 'host'>,
  snapshot: Pick<ProbeSnapshot, 'error'>,
  ancestors: readonly string[],
): string[] {
  const host = spec.host ?? hostOf(spec.target);
  const cause = nearCodes.exec(snapshot.error ?? '')?.[1];
  return [
    // A child that was seen to fail before what it needs shares its parent's own name.
    ...[spec.name, ...ancestors].map((name) => `needs:${name}`),
    ...(host === undefined ? [] : [`host:${host}`]),
    ...(cause === undefined ? [] : [`cause:${cause}`]),
  ];
}

/** With its port: two services of one machine are two, unless their probes say that they share it. */
function hostOf(target: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(target) || !URL.canParse(target)) return undefined;
  const { host } = new URL(target);
  return host === '' ? undefined : host.toLowerCase();
}
