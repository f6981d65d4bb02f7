import { withDeadline } from '../../clock/index.ts';
import type { Clock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import { isStoreAway } from '../../store/index.ts';
import { snapshotVersion } from './contract.ts';
import type { Snapshot, SnapshotSection } from './contract.ts';
import { placeholderPaths } from './paths.ts';
import { isFresh, unknown } from './value.ts';

export interface SnapshotsOptions {
  readonly clock: Clock;
  readonly runtimeId: string;
  readonly sections: readonly SnapshotSection[];
  /** Writes one down. */
  readonly keep: (snapshot: Snapshot) => Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
}

/** A section that takes longer is not known this time. */
const sectionDeadlineMs = 3_000;
/** Whoever asks sees nothing older than this: what a person just did is in the answer. */
const askedAgainMs = 10_000;

/** How everything stands, as it was read last: by the task every five minutes, and for whoever asks in between. */
export class Snapshots {
  /** What may be a placeholder. */
  readonly paths: ReadonlySet<string>;
  readonly #options: SnapshotsOptions;
  #latest: Snapshot | undefined;
  /** How often something changed; and how often it had when the latest was begun. */
  #changes = 0;
  #latestOf = -1;
  #taking: { readonly of: number; readonly snapshot: Promise<Snapshot> } | undefined;
  /** Sections that failed the last time: each failure is told once. */
  readonly #failing = new Set<string>();

  /** Throws KORA_INTERNAL for sections that share a name or have none. */
  constructor(options: SnapshotsOptions) {
    this.#options = options;
    checkNames(options.sections);
    this.paths = placeholderPaths(options.sections);
  }

  /** The last one that was taken, however old it is. */
  get latest(): Snapshot | undefined {
    return this.#latest;
  }

  /** The last one, unless it is older than ten minutes or from the future. */
  fresh(nowMs: number = this.#options.clock.now()): Snapshot | null {
    return this.#latest !== undefined && isFresh(this.#latest.computed_at, nowMs) ? this.#latest : null;
  }

  /** The next one who asks is shown how it stands then. */
  changed(): void {
    this.#changes += 1;
  }

  /** For an answer that is given now: taken anew when it is older than a few seconds. Null when none is fresh. */
  async forAsk(): Promise<Snapshot | null> {
    const { clock } = this.#options;
    const age = clock.now() - Date.parse(this.#latest?.computed_at ?? '');
    if (this.#latestOf < this.#changes || !(age >= 0 && age < askedAgainMs)) await this.take();
    return this.fresh();
  }

  /** Takes one now, or waits for the one that is being taken, if nothing changed since it was begun. Never rejects. */
  async take(): Promise<Snapshot> {
    const wanted = this.#changes;
    while (this.#taking !== undefined) {
      const { of, snapshot } = this.#taking;
      const taken = await snapshot;
      if (of >= wanted) return taken;
    }
    const mine = { of: this.#changes, snapshot: this.#readAll() };
    this.#taking = mine;
    this.#latest = await mine.snapshot;
    this.#latestOf = mine.of;
    this.#taking = undefined;
    return this.#latest;
  }

  /**
   * Takes one and writes it down, unless it was called off meanwhile: what the task does. Where the store is away, it is in
   * memory alone.
   */
  async record(signal?: AbortSignal): Promise<void> {
    const snapshot = await this.take();
    if (signal?.aborted === true) return;
    await this.#options.keep(snapshot).catch((error: unknown) => {
      if (!isStoreAway(error)) this.#options.onError('snapshot', error);
    });
  }

  async #readAll(): Promise<Snapshot> {
    const { clock, runtimeId, sections } = this.#options;
    // Before anything is read: it is never said to be newer than what is in it.
    const computed = new Date(clock.now()).toISOString();
    const read = await Promise.all(
      sections.map(async (section) => [section.name, await this.#read(section)]),
    );
    const own = { schema_version: snapshotVersion, computed_at: computed, runtime_id: runtimeId } as const;
    return { ...own, ...(Object.fromEntries(read) as Record<string, unknown>) };
  }

  async #read({ name, schema, read }: SnapshotSection): Promise<object | typeof unknown> {
    const { clock, onError } = this.#options;
    const asOf = new Date(clock.now()).toISOString();
    try {
      const deadline = { ms: sectionDeadlineMs, what: `section ${name} of the snapshot` };
      const body = await withDeadline(clock, deadline, async (signal) => schema.parse(await read(signal)));
      this.#failing.delete(name);
      return { as_of: asOf, ...body };
    } catch (error) {
      if (!this.#failing.has(name) && !isStoreAway(error)) onError(`snapshot ${name}`, error);
      this.#failing.add(name);
      return unknown;
    }
  }
}

const reserved = ['schema_version', 'computed_at', 'runtime_id'];

function checkNames(sections: readonly SnapshotSection[]): void {
  const names = sections.map(({ name }) => name);
  const bad = names.find(
    (name, at) => !/^[a-z][a-z0-9_]*$/.test(name) || reserved.includes(name) || names.indexOf(name) !== at,
  );
  if (bad !== undefined) throw fault('KORA_INTERNAL', `a section of the snapshot cannot be called ${bad}`);
}
