import type { EventDraft } from '../../chain/index.ts';
import type { Clock } from '../../clock/index.ts';
import type { Queryable, Transaction } from '../../store/index.ts';
import type { NewMessage, ProbeSnapshot, ProbeSpec } from '../contract.ts';
import type { Turns } from '../look/flap.ts';
import type { ProbeMemory } from '../look/fold.ts';
import type { Cause } from './record.ts';
import type { Surroundings } from './words.ts';

export interface IncidentKeeperOptions {
  readonly workspaceId: number;
  readonly clock: Clock;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  readonly tell: (tx: Transaction, message: NewMessage) => Promise<void>;
  /** Read on the caller's connection: many probes that open incidents at once must not wait for one another's. */
  readonly surroundings: (tx: Transaction, seen: Seen) => Promise<Surroundings>;
  /** The failing probe that explains what this one sees; null when all that it needs is well. */
  readonly causeOf: (tx: Queryable, seen: Seen) => Promise<Cause | null>;
  /** Everything a probe needs, and everything that needs it. */
  readonly ancestors: (probe: string) => readonly string[];
  readonly descendants: (probe: string) => readonly string[];
}

/** A look that means something for an incident. */
export interface Seen {
  readonly spec: ProbeSpec;
  /** Whose the looks are: a runtime's, or everyone's. */
  readonly runtimeId: string;
  readonly at: string;
  readonly snapshot: ProbeSnapshot;
  readonly memory: ProbeMemory;
  readonly turns: Turns;
  /** The event that said that the status became what it is. */
  readonly causationId?: string;
}
