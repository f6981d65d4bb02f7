import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeClock } from '../clock/index.ts';
import { passingApprovals } from './approvals.ts';
import { PluginHost } from './host.ts';
import { NearResidence } from './testing/near-residence.ts';
import { ScriptedHouse } from './testing/scripted-house.ts';
import { VersionsOnDisk } from './testing/versions-on-disk.ts';
import type { Layout, Release } from './testing/versions-on-disk.ts';

const ids = ['ebb', 'flow', 'tide'];
const never = new AbortController().signal;

type Step =
  | { readonly do: 'install'; readonly id: string; readonly kind: Kind; readonly asks: readonly string[] }
  | { readonly do: 'uninstall' | 'deny' | 'allow' | 'crash' | 'approve'; readonly id: string }
  | { readonly do: 'sync'; readonly asked: boolean };
type Kind = 'good' | 'broken' | 'foreign';

/** What has to be true of one plugin, said again in the simplest words there are. */
interface Model {
  installed: (Release & { readonly kind: Kind; readonly asks: readonly string[] }) | undefined;
  denied: boolean;
  approved: readonly string[] | undefined;
  /** Who sits there, and whether it serves. */
  seat: { readonly version: string; readonly good: boolean; up: boolean } | undefined;
  refused: string | undefined;
  parked: boolean;
}

interface Seen {
  readonly channels: readonly string[];
  /** Id, the version that serves, and whether one is parked. */
  readonly says: readonly (readonly [id: string, serving: string | undefined, parked: boolean])[];
}

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('install' as const),
      id: fc.constantFrom(...ids),
      kind: fc.constantFrom<Kind>('good', 'good', 'good', 'broken', 'foreign'),
      asks: fc.subarray(['cap_send_mail', 'cap_open_gate']),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'uninstall' as const,
        'deny' as const,
        'allow' as const,
        'crash' as const,
        'approve' as const,
      ),
      id: fc.constantFrom(...ids),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('sync' as const), asked: fc.boolean() }) },
);

/** The host over a project on disk, its guests without processes, beside the model of what it should come to. */
class Bench {
  readonly house = new ScriptedHouse();
  readonly host: PluginHost;
  readonly models = new Map<string, Model>(ids.map((id) => [id, fresh()]));
  readonly #versions: VersionsOnDisk;
  readonly #layout: Layout;
  readonly #approvals = passingApprovals();
  readonly #residences = new Map<string, NearResidence>();
  #count = 0;

  private constructor(
    versions: VersionsOnDisk,
    layout: Layout,
    index: Awaited<ReturnType<VersionsOnDisk['index']>>,
  ) {
    this.#versions = versions;
    this.#layout = layout;
    this.host = new PluginHost({
      ports: this.house,
      clock: new FakeClock(),
      log: this.house.log,
      home: versions.disk.root,
      index,
      configBlock: () => undefined,
      approvals: this.#approvals,
      residence: (parts) => {
        const made = new NearResidence(parts);
        this.#residences.set(parts.row.id, made);
        return made;
      },
    });
  }

  static async open(layout: Layout): Promise<Bench> {
    const versions = await VersionsOnDisk.create(layout);
    const bench = new Bench(versions, layout, await versions.index());
    await bench.host.loadAll(never);
    return bench;
  }

  async close(): Promise<void> {
    await this.host.dispose();
    await this.#versions[Symbol.asyncDispose]();
  }

  async take(step: Step): Promise<void> {
    if (step.do === 'sync') return this.#sync(step.asked);
    const model = this.#of(step.id);
    if (step.do === 'deny' || step.do === 'allow') model.denied = step.do === 'deny';
    if (step.do === 'uninstall') {
      await this.#versions.uninstall(step.id);
      model.installed = undefined;
    }
    if (step.do === 'install') {
      this.#count += 1;
      const { id, kind, asks } = step;
      const release = { id, version: `1.0.${this.#count}`, capabilities: asks };
      await this.#versions.install({ ...release, broken: kind === 'broken', foreign: kind === 'foreign' });
      model.installed = { ...release, kind, asks };
    }
    if (step.do === 'crash' && model.seat?.up === true) {
      await this.#residences.get(step.id)?.crash();
      model.seat.up = this.#isThere(model, model.seat.version);
    }
    if (step.do === 'approve' && model.parked) {
      const row = this.host.index.rows.find(({ id }) => id === step.id);
      if (row === undefined) throw new RangeError(`nothing of ${step.id} is parked`);
      this.#approvals.approve(row);
      model.approved = [...(model.approved ?? []), ...(row.manifest?.capabilities ?? [])];
      await this.#sync(true);
    }
  }

  /** What is registered, and what each plugin says of itself. */
  seen(): Seen {
    const says = [...this.models.keys()].map((id) => {
      const row = this.host.list().find((each) => each.id === id);
      const serves = row?.state === 'loaded' ? row.version : undefined;
      return [id, serves, row?.state === 'parked' || row?.pending?.outcome === 'parked'] as const;
    });
    return { channels: [...this.house.channels.keys()].sort(), says };
  }

  /** Exactly what the living versions bring. */
  wanted(): Seen {
    const all = [...this.models];
    const living = all.flatMap(([id, { seat }]) => (seat?.up === true ? [id, `${id}@${seat.version}`] : []));
    const says = all.map(
      ([id, { seat, parked }]) => [id, seat?.up === true ? seat.version : undefined, parked] as const,
    );
    return { channels: living.sort(), says };
  }

  async #sync(asked: boolean): Promise<void> {
    const deny = [...this.models].flatMap(([id, { denied }]) => (denied ? [id] : []));
    await this.host.sync(await this.#versions.index({ deny }), { asked });
    for (const model of this.models.values()) this.#settle(model, asked);
  }

  #settle(model: Model, asked: boolean): void {
    const { installed, seat } = model;
    model.parked = false;
    if (installed === undefined || model.denied) {
      model.seat = undefined;
      model.refused = undefined;
      return;
    }
    if (installed.kind === 'foreign') {
      model.refused = installed.version;
      return;
    }
    const good = installed.kind === 'good';
    const { version, asks } = installed;
    if (seat?.version === version) {
      model.refused = undefined;
      if (asked && !seat.up) seat.up = good;
      return;
    }
    if (model.approved !== undefined && asks.some((ask) => model.approved?.includes(ask) === false)) {
      model.parked = true;
      model.refused = undefined;
      return;
    }
    if (seat !== undefined && !asked && model.refused === version) return;
    const fallsBack = seat !== undefined && !good && this.#layout === 'apart';
    if (seat === undefined || good) model.approved = [...(model.approved ?? []), ...asks];
    model.seat = fallsBack ? { ...seat, up: seat.good } : { version, good, up: good };
    model.refused = fallsBack ? version : undefined;
  }

  /** Versions that lie apart stay; in place, the next one or nothing is where the last one was. */
  #isThere({ installed }: Model, version: string): boolean {
    return this.#layout === 'apart' || installed?.version === version;
  }

  #of(id: string): Model {
    const model = this.models.get(id);
    if (model === undefined) throw new RangeError(id);
    return model;
  }
}

function fresh(): Model {
  return {
    installed: undefined,
    denied: false,
    approved: undefined,
    seat: undefined,
    refused: undefined,
    parked: false,
  };
}

test.each(['apart', 'in place'] as const)(
  'law: whatever is installed, removed, denied, approved and dies, what is registered is what the living versions bring (versions lie %s)',
  async (layout) => {
    await fc.assert(
      fc.asyncProperty(fc.array(stepArbitrary, { minLength: 4, maxLength: 16 }), async (steps) => {
        const bench = await Bench.open(layout);
        try {
          for (const step of steps) {
            await bench.take(step);
            expect(bench.seen()).toEqual(bench.wanted());
          }
          await bench.host.dispose();
          expect([...bench.house.channels.keys()]).toEqual([]);
        } finally {
          await bench.close();
        }
      }),
      { numRuns: 40 },
    );
  },
  60_000,
);
