/**
 * What a fleet of runtimes on one workspace is allowed to be: DOMAIN's sections 1 to 4 in words so simple that they can
 * be checked by reading. In what order a look takes things, and what becomes of a sentinel, it has from the code: there it
 * shows that the code does what it does, and not that this is right.
 */
export type Cause = 'operator' | 'cost' | 'dr' | 'chain';

export interface Hold {
  readonly cause: Cause;
  readonly owner: string;
  readonly ends: boolean;
}

export interface Stop {
  readonly level: number;
  readonly via: 'api' | 'sentinel';
  readonly ends: boolean;
  inForce: boolean;
}

/** Where a ticket is: free, held by a runtime, under a lease of a runtime that cannot give it back, or done. */
export interface Ticket {
  readonly critical: boolean;
  at: 'ready' | 'held' | 'limbo' | 'done';
  by: number;
}

export interface Runtime {
  life: 'down' | 'booting' | 'passed' | 'stopped';
  /** What it saw of the workspace at its last look. */
  holds: readonly Hold[];
  level: number;
  failing: Set<string>;
  away: boolean;
  sinceLook: number;
  /** Its leases have run out. */
  expired: boolean;
  /** How many stops there had been when its process began: older kills are not meant for it. */
  bornAt: number;
  knownEpoch: number;
  sentinel: { readonly level: number; stop?: Stop } | undefined;
}

export const slots = 2;
const criticalReasons = ['dispatch', 'substrate', 'auth', 'retry_ceiling'];

export class Reference {
  holds: Hold[] = [];
  readonly stops: Stop[] = [];
  readonly tickets = new Map<number, Ticket>();
  readonly runtimes: readonly Runtime[];
  readonly accepted = new Set<number>();
  isSpent = false;
  epoch: number;

  constructor(epoch: number) {
    this.epoch = epoch;
    this.runtimes = [0, 1].map(() => ({
      life: 'down',
      holds: [],
      level: 0,
      failing: new Set<string>(),
      away: false,
      sinceLook: 0,
      expired: false,
      bornAt: 0,
      knownEpoch: epoch,
      sentinel: undefined,
    }));
  }

  at(who: number): Runtime {
    const runtime = this.runtimes[who];
    if (runtime === undefined) throw new RangeError(`there is no runtime ${who}`);
    return runtime;
  }

  isUp(who: number): boolean {
    return ['booting', 'passed'].includes(this.at(who).life);
  }

  get inForce(): Stop[] {
    return this.stops.filter((stop) => stop.inForce);
  }

  get stopLevel(): number {
    return Math.max(0, ...this.inForce.map(({ level }) => level));
  }

  ticketsOf(who: number, at: Ticket['at']): Ticket[] {
    return [...this.tickets.values()].filter((ticket) => ticket.by === who && ticket.at === at);
  }

  /** The state of a process, from what it knows. */
  stateOf(who: number): { primaryState: string; claimPermission: string; degradationReasons: string[] } {
    const { life, holds, failing } = this.at(who);
    const isHeld = holds.length > 0 || this.levelAt(who) > 0;
    const degradationReasons = [...failing].sort();
    const none = { claimPermission: 'none', degradationReasons };
    if (life === 'stopped') return { primaryState: 'stopped', ...none };
    if (life !== 'passed') {
      const isSerious = holds.some(({ cause }) => cause === 'dr' || cause === 'chain');
      return { primaryState: isSerious ? 'paused' : 'booting', ...none };
    }
    if (isHeld) return { primaryState: 'paused', ...none };
    const isPoor = criticalReasons.some((reason) => failing.has(reason));
    const primaryState = this.ticketsOf(who, 'held').length > 0 ? 'active' : 'ready';
    return { primaryState, claimPermission: isPoor ? 'critical_only' : 'normal', degradationReasons };
  }

  /** By the commands that it saw, or by what lies in its own home. */
  levelAt(who: number): number {
    const { level, sentinel } = this.at(who);
    return Math.max(level, sentinel?.level ?? 0);
  }

  /** Nothing new while anything is committed, heard of or not. */
  mayClaim(who: number, critical: boolean): boolean {
    const { claimPermission } = this.stateOf(who);
    if (this.holds.length > 0 || this.stopLevel > 0 || this.at(who).away) return false;
    return claimPermission === 'normal' || (claimPermission === 'critical_only' && critical);
  }

  /** A fault that its owner holds already is held once; people may pause as often as they like. */
  place(cause: Cause, owner: string, ends = false): void {
    const isThere = this.holds.some((hold) => hold.cause === cause && hold.owner === owner);
    if (cause === 'operator' || !isThere) this.holds.push({ cause, owner, ends });
  }

  issue(level: number, via: Stop['via'] = 'api', ends = false): Stop {
    const stop = { level, via, ends, inForce: true };
    this.stops.push(stop);
    return stop;
  }

  reset(): void {
    for (const stop of this.stops) stop.inForce = false;
  }

  /** A look at the workspace and the home, as the control loop has one each second. */
  look(who: number): void {
    const runtime = this.at(who);
    runtime.sinceLook = 0;
    if (runtime.away) {
      if (runtime.life === 'passed') runtime.failing.add('substrate');
      return;
    }
    const { sentinel } = runtime;
    if (sentinel !== undefined) sentinel.stop ??= this.issue(sentinel.level, 'sentinel');
    if (sentinel?.stop?.inForce === false) runtime.sentinel = undefined;
    const kills = this.stops.some(
      ({ inForce, via, level }, at) => inForce && via === 'api' && level >= 4 && at >= runtime.bornAt,
    );
    runtime.holds = [...this.holds];
    runtime.level = this.stopLevel;
    if (kills) this.stop(who);
    // What has stopped is frozen.
    if (runtime.life === 'stopped') return;
    if (this.levelAt(who) >= 3) this.abort(who);
    runtime.failing.delete('substrate');
  }

  /** The beat that also asks which life the store is in. */
  beat(who: number): void {
    const runtime = this.at(who);
    if (runtime.life === 'passed' && !runtime.away && runtime.knownEpoch !== this.epoch) {
      if (this.accepted.has(this.epoch)) runtime.knownEpoch = this.epoch;
      else this.place('dr', 'gate:3b_epoch');
    }
    this.look(who);
  }

  abort(who: number): void {
    const at = this.at(who).away ? 'limbo' : 'ready';
    for (const ticket of this.ticketsOf(who, 'held')) ticket.at = at;
  }

  stop(who: number): void {
    this.abort(who);
    this.at(who).life = 'stopped';
  }

  /** Leases that have run out, or whose holder is back without them, are anybody's. */
  reap(own: number): void {
    for (const ticket of this.tickets.values())
      if (ticket.at === 'limbo' && (ticket.by === own || this.at(ticket.by).expired)) ticket.at = 'ready';
  }
}
