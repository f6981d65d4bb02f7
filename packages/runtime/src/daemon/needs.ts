import type { Life } from './life.ts';
import { startOrder } from './order.ts';
import { isFatal } from './registry.ts';
import type { BackgroundDaemonRegistry, RegisteredDaemon } from './registry.ts';

export type Blocked = NonNullable<Life['blocked']>;

type Registry = Pick<BackgroundDaemonRegistry, 'list' | 'byName' | 'changes'>;

/** What daemons need of each other, as it stands. */
export class Needs {
  readonly #registry: Registry;
  readonly #lifeOf: (name: string) => Life | undefined;
  #impossible: ReadonlyMap<string, string> = new Map();
  #asOf = -1;

  constructor(registry: Registry, lifeOf: (name: string) => Life | undefined) {
    this.#registry = registry;
    this.#lifeOf = lifeOf;
  }

  /** The daemons that the boot cannot do without, in order: the fatal ones, each behind what it needs. */
  fatalFirst(): readonly string[] {
    const lookUp = (name: string): RegisteredDaemon | undefined => this.#registry.byName(name);
    const order = new Set<string>();
    const seen = new Set<string>();
    const visit = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      for (const need of this.#neededBy(name)) visit(need);
      order.add(name);
    };
    for (const { name } of this.#registry.list()) if (isFatal(lookUp, name)) visit(name);
    return [...order];
  }

  /** Whether all it needs stands. */
  stand(life: Life): boolean {
    return (life.daemon.dependsOn ?? []).every((name) => this.#lifeOf(name)?.stands === true);
  }

  /** Whether it may come up now, will by and by, or what it needs cannot be had. */
  of(life: Life): 'ready' | 'coming' | Blocked {
    const impossible = this.#unplaceable().get(life.name);
    if (impossible !== undefined) return { state: 'failed', error: impossible };
    const missing = (life.daemon.dependsOn ?? []).filter((name) => this.#lifeOf(name)?.stands !== true);
    const blocks = missing.map((name) => this.#blockOf(name));
    return blocks.find((block) => block !== 'coming') ?? (missing.length === 0 ? 'ready' : 'coming');
  }

  /** Those that are not down and need it. */
  hasDependents({ name }: Life, lives: Iterable<Life>): boolean {
    for (const { phase, daemon } of lives) {
      if (phase !== 'down' && daemon.dependsOn?.includes(name) === true) return true;
    }
    return false;
  }

  #blockOf(name: string): 'coming' | Blocked {
    const state = this.#lifeOf(name)?.state ?? 'registered';
    if (state === 'backing_off') return { state, error: `it waits for ${name}, which died` };
    if (state === 'standby') return { state, error: `it waits for ${name}, which another runtime runs` };
    if (state === 'failed') return { state, error: `it needs ${name}, which did not start` };
    if (state === 'quarantined') return { state: 'failed', error: `it needs ${name}, which is quarantined` };
    if (state === 'stopped') return { state: 'failed', error: `it needs ${name}, which was stopped` };
    return 'coming';
  }

  #unplaceable(): ReadonlyMap<string, string> {
    const { changes } = this.#registry;
    if (this.#asOf !== changes) {
      const { impossible } = startOrder(this.#registry.list(), new Set());
      this.#impossible = new Map(impossible.map(({ daemon, error }) => [daemon.name, error.message]));
      this.#asOf = changes;
    }
    return this.#impossible;
  }

  #neededBy(name: string): readonly string[] {
    try {
      const needs = this.#registry.byName(name)?.dependsOn ?? [];
      return needs.filter((need) => this.#registry.byName(need) !== undefined);
    } catch {
      return []; // whoever starts it says why
    }
  }
}
