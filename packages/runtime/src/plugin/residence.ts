import type { Pass } from '../admission/index.ts';
import type { Clock } from '../clock/index.ts';
import { messageOf } from '../fault/index.ts';
import { Scope } from '../scope/index.ts';
import type { PluginLog } from './contract.ts';
import { Contributions } from './contributions.ts';
import type { Registered } from './contributions.ts';
import { loadInProcess } from './load.ts';
import type { LoadDeadlines } from './load.ts';
import type { IndexRow } from './plugin-index.ts';
import { reasonOf, refusal } from './reason.ts';
import type { Resident } from './resident.ts';
import type { PluginOwner, PluginPorts } from './surface.ts';
import { Meter } from './usage.ts';
import type { PluginUsage } from './usage.ts';

/** Where a plugin's code lives: in this process, or in one of its own. */
export interface Residence {
  readonly isolation: 'in-process' | 'process';
  readonly pid: number | undefined;
  readonly registered: Registered;
  /** What it has used by now, over all its lives here. */
  usage(): PluginUsage;
  /** Its code threw where nobody was waiting for it. */
  erred(): void;
  /**
   * Tells the resident how it went; resolves after the first attempt and never rejects. Code may be imported at once;
   * a guest registers at its turn, when the trusted plugins have, so that it can take no name that is theirs.
   */
  load(signal: AbortSignal, turn: Promise<void>): Promise<void>;
  /** Undoes everything it registered, in reverse, and ends its process where it has one. */
  unload(): Promise<void>;
}

export interface ResidenceParts {
  readonly row: IndexRow;
  /** Absolute path of the entry module. */
  readonly entry: string;
  readonly resident: Resident;
  readonly ports: PluginPorts;
  readonly clock: Clock;
  readonly log: PluginLog;
  readonly deadlines: LoadDeadlines;
  readonly configBlock: unknown;
}

/** A trusted plugin: it shares this process, so it gets deadlines and attribution, and no wall. */
export class InProcess implements Residence {
  readonly isolation = 'in-process' as const;
  readonly pid: number | undefined = undefined;
  readonly #parts: ResidenceParts;
  readonly #scope: Scope;
  readonly #contributions = new Contributions();
  readonly #meter: Meter;

  constructor(parts: ResidenceParts) {
    this.#parts = parts;
    this.#meter = new Meter(parts.clock, parts.row.id, {
      shares: true,
      proved: () => parts.resident.ticked(),
    });
    this.#scope = new Scope(`plugin ${parts.row.id}`);
  }

  get registered(): Registered {
    return this.#contributions.list();
  }

  usage(): PluginUsage {
    return this.#meter.usage();
  }

  erred(): void {
    this.#meter.erred();
  }

  async load(signal: AbortSignal): Promise<void> {
    const { row, resident } = this.#parts;
    resident.loading();
    try {
      await loadInProcess({
        ...this.#parts,
        leave: await leaveToLoad(this.#parts),
        owner: ownerOf(row),
        scope: this.#scope,
        contributions: this.#contributions,
        configures: (schema) => {
          resident.configSchema = schema;
        },
        meter: this.#meter,
        signal,
      });
      resident.registered(standing(row, this.#contributions), this.registered.daemons.length > 0);
    } catch (error) {
      this.#parts.log.error(`plugin ${row.id} did not load`, {
        error: messageOf(error),
        stack: stackOf(error),
      });
      resident.failed('load', reasonOf(error, 'register_failed'));
    }
  }

  async unload(): Promise<void> {
    await this.#scope.dispose();
  }
}

/** Leave to run a plugin's code. Throws the reason `not_admitted`. */
export async function leaveToLoad({
  row,
  ports,
}: Pick<ResidenceParts, 'row' | 'ports'>): Promise<Pass<'plugin_load'>> {
  const leave = await ports.admission.admit('plugin_load', { caller: row.id });
  if (leave.allow) return leave.pass;
  throw refusal({
    code: 'not_admitted',
    message: `no plugin is loaded now: ${leave.cause}`,
    fix: 'kora status',
  });
}

/** Whose registrations they are, as the house is told. */
export function ownerOf({ id, trusted, manifest, version, packageName }: IndexRow): PluginOwner {
  return { id, trusted, secrets: manifest?.secrets ?? [], version, packageName };
}

/** How what a plugin registered differs from what its manifest declares. */
export function standing(row: IndexRow, contributions: Contributions): string | undefined {
  return row.manifest === undefined ? undefined : contributions.differenceFrom(row.manifest.contributes);
}

/** The stack of the cause where there is one: that is where the plugin's own lines are. */
function stackOf(error: unknown): string | undefined {
  const origin = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return origin instanceof Error ? origin.stack : undefined;
}
