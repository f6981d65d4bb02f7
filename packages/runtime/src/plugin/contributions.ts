import type { Contributes } from './manifest.ts';

/** What can be registered in this version of the contract. */
export const contributionKinds = [
  'migrations',
  'identities',
  'daemons',
  'tasks',
  'probes',
  'channels',
  'ticketKinds',
  'events',
  'mounts',
  'subscriptions',
  'gates',
  'fixes',
  'tokens',
  'capabilities',
  'panels',
  'tools',
  'engines',
  'loops',
  'changeKinds',
] as const;

export type ContributionKind = (typeof contributionKinds)[number];
/** Names by kind, in the order of registration. */
export type Registered = Readonly<Record<ContributionKind, readonly string[]>>;

interface Entry {
  readonly kind: ContributionKind;
  readonly name: string;
}

/** What one plugin has registered and not taken back. */
export class Contributions {
  readonly #entries = new Set<Entry>();

  get size(): number {
    return this.#entries.size;
  }

  /** Notes a registration; the answer forgets it again. */
  add(kind: ContributionKind, name: string): () => void {
    const entry: Entry = { kind, name };
    this.#entries.add(entry);
    return () => {
      this.#entries.delete(entry);
    };
  }

  has(kind: ContributionKind, name: string): boolean {
    return this.#named(kind).some((entry) => entry.name === name);
  }

  list(): Registered {
    const named = (kind: ContributionKind): readonly string[] => this.#named(kind).map(({ name }) => name);
    return {
      migrations: named('migrations'),
      identities: named('identities'),
      daemons: named('daemons'),
      tasks: named('tasks'),
      probes: named('probes'),
      channels: named('channels'),
      ticketKinds: named('ticketKinds'),
      events: named('events'),
      mounts: named('mounts'),
      subscriptions: named('subscriptions'),
      gates: named('gates'),
      fixes: named('fixes'),
      tokens: named('tokens'),
      capabilities: named('capabilities'),
      panels: named('panels'),
      tools: named('tools'),
      engines: named('engines'),
      loops: named('loops'),
      changeKinds: named('changeKinds'),
    };
  }

  /** How what stands differs from what the manifest declares, in words; undefined when it does not. */
  differenceFrom(declared: Contributes): string | undefined {
    const registered: Readonly<Record<string, readonly string[]>> = this.list();
    const parts: string[] = [];
    for (const [kind, names] of Object.entries(declared)) {
      const standing = registered[kind] ?? [];
      if (kind === 'probes') {
        // Which probes there are is the operator's configuration: more than the list is welcome, and a kind that
        // nobody configured is no fault. A plugin that declares probes and brings none at all is.
        if (names.length > 0 && standing.length === 0) parts.push(`probes declared, none registered`);
        continue;
      }
      // A channel needs an account: one that nobody set up is not there, and nothing is the worse for it.
      const absent = kind === 'channels' ? [] : names.filter((name) => !standing.includes(name));
      const extra = standing.filter((name) => !names.includes(name));
      if (absent.length > 0) parts.push(`${kind} declared and not registered: ${absent.join(', ')}`);
      if (extra.length > 0) parts.push(`${kind} registered and not declared: ${extra.join(', ')}`);
    }
    return parts.length === 0 ? undefined : parts.join('; ');
  }

  #named(kind: ContributionKind): Entry[] {
    return [...this.#entries].filter((entry) => entry.kind === kind);
  }
}
