import { fault, handedOver, Looks, proposalDraft } from '@kora/runtime/testkit';
import type { FakeClock } from '@kora/runtime/testkit';
import type {
  ChangeKindSpec,
  ChangeSet,
  Examination,
  LoopSpec,
  Measure,
  Observed,
  PromotionContext,
  ProposalDraft,
  Registration,
} from '@kora/runtime/plugin';
import type { LoopFinding, LoopWindow, LoopWindows, TestPast } from '../contract.ts';
import { Named } from './named.ts';
import { readsOf, wholePages } from './past.ts';
import type { Paging } from './past.ts';

const pastMs = 90 * 86_400_000;

type Part = Parameters<ConstructorParameters<typeof Looks>[0]['incidents']>[0];

/** The plugin's loops, over a past that the test made up, split as the runtime splits it. */
export class Loops {
  readonly named: Named<LoopSpec> = new Named('loop', 'KORA_LOOP_TAKEN');
  readonly kinds: Named<ChangeKindSpec> = new Named('kind', 'KORA_CHANGE_KIND_TAKEN');
  readonly context: PromotionContext;
  readonly paging: Paging = wholePages();
  readonly #clock: Pick<FakeClock, 'now'>;
  readonly #plugin: string;
  readonly #looks: Looks;

  constructor(plugin: string, clock: Pick<FakeClock, 'now'>, past: TestPast = {}) {
    this.#clock = clock;
    this.#plugin = plugin;
    this.#looks = new Looks(readsOf(past, this.paging));
    this.context = {
      history: this.#looks.historyFor(plugin),
      places: async (kind) => past.places?.[kind] ?? (await this.kinds.get(kind)?.places?.()) ?? [],
    };
  }

  register(loop: LoopSpec): Registration {
    if (!/^promote_[a-z][a-z0-9_]{0,55}$/.test(loop.name))
      throw fault('KORA_PLUGIN_INVALID', `"${loop.name}" is not the name of a loop`);
    return this.named.hold(loop.name, loop);
  }

  registerKind(kind: ChangeKindSpec): Registration {
    return this.kinds.hold(kind.kind, kind);
  }

  /** What the loop makes of the shown part. Throws KORA_LOOP_UNKNOWN, and what the loop throws. */
  observe(name: string, window: LoopWindow, signal: AbortSignal): Promise<Observed> {
    const loop = this.#loop(name);
    return this.#looks.during(this.#plugin, [{ ...window, part: 'shown' }], async ([look]) =>
      loop.observe(given(look), signal),
    );
  }

  /** What the loop says of a draft on the held-out part. */
  examine(name: string, draft: ProposalDraft, window: LoopWindow, signal: AbortSignal): Promise<Examination> {
    const loop = this.#loop(name);
    return this.#looks.during(this.#plugin, [{ ...window, part: 'held_out' }], async ([look]) =>
      loop.examine(draft, given(look), signal),
    );
  }

  /** One cycle: what the loop makes of the shown part, and what it says of that on the held-out part. */
  async find(name: string, given: LoopWindow | undefined, signal: AbortSignal): Promise<LoopFinding> {
    const window = given ?? this.#lastDays();
    const seen = await this.observe(name, window, signal);
    const drafts: { readonly draft: ProposalDraft; readonly examination: Examination }[] = [];
    for (const each of seen.drafts) {
      const draft = handedOver.parsed(proposalDraft, each);
      drafts.push({ draft, examination: await this.examine(name, draft, window, signal) });
    }
    return { observed: seen.observed, drafts, notes: seen.notes ?? [] };
  }

  /** What the loop says that a change has done: the window before it against the time since. */
  async measure(
    name: string,
    change: ChangeSet,
    windows: LoopWindows,
    signal: AbortSignal,
  ): Promise<Measure> {
    const loop = this.#loop(name);
    const both = [windows.before, windows.since].map((window): Part => ({ ...window, part: 'all' }));
    return this.#looks.during(this.#plugin, both, async ([before, since]) =>
      loop.measure(change, { before: given(before), since: given(since) }, signal),
    );
  }

  #lastDays(): LoopWindow {
    const now = this.#clock.now();
    const iso = (at: number): string => new Date(at).toISOString();
    return { since: iso(now - pastMs), until: iso(now + 1) };
  }

  #loop(name: string): LoopSpec {
    const found = this.named.get(name);
    if (found === undefined) throw fault('KORA_LOOP_UNKNOWN', `there is no loop ${name}`);
    return found;
  }
}

function given<T>(look: T | undefined): T {
  if (look === undefined) throw fault('KORA_INTERNAL', 'a look was not opened');
  return look;
}
