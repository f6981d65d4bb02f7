import { fault, isHeldOut, Looks } from '@kora/runtime/testkit';
import type {
  ChangeKindSpec,
  ChangeSet,
  Examination,
  HistoryPage,
  LoopSpec,
  Measure,
  Observed,
  PromotionContext,
  ProposalDraft,
  Registration,
} from '@kora/runtime/plugin';
import type { LoopFinding, LoopWindow, TestPast } from '../contract.ts';
import { Named } from './named.ts';

type Reads = ConstructorParameters<typeof Looks>[0];
type Part = Parameters<Reads['incidents']>[0];

/** The plugin's loops, over a past that the test made up, split as the runtime splits it. */
export class Loops {
  readonly named: Named<LoopSpec> = new Named('loop', 'KORA_LOOP_TAKEN');
  readonly kinds: Named<ChangeKindSpec> = new Named('kind', 'KORA_CHANGE_KIND_TAKEN');
  readonly context: PromotionContext;
  readonly #plugin: string;
  readonly #looks: Looks;

  constructor(plugin: string, past: TestPast = {}) {
    this.#plugin = plugin;
    this.#looks = new Looks(readsOf(past));
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

  /** One cycle: what the loop makes of the shown part, and what it says of that on the held-out part. */
  async find(name: string, window: LoopWindow, signal: AbortSignal): Promise<LoopFinding> {
    const loop = this.#loop(name);
    const at = (part: Part['part']): Part => ({ ...window, part });
    const seen = await this.#looks.during(
      this.#plugin,
      [at('shown')],
      async ([look]): Promise<Observed> => loop.observe(given(look), signal),
    );
    const drafts: { readonly draft: ProposalDraft; readonly examination: Examination }[] = [];
    for (const draft of seen.drafts) {
      const examination = await this.#looks.during(this.#plugin, [at('held_out')], async ([look]) =>
        loop.examine(draft, given(look), signal),
      );
      drafts.push({ draft, examination });
    }
    return { observed: seen.observed, drafts, notes: seen.notes ?? [] };
  }

  /** What the loop says that a change has done: the window before it against the time since. */
  async measure(
    name: string,
    change: ChangeSet,
    windows: { readonly before: LoopWindow; readonly since: LoopWindow },
    signal: AbortSignal,
  ): Promise<Measure> {
    const loop = this.#loop(name);
    const both = [windows.before, windows.since].map((window): Part => ({ ...window, part: 'all' }));
    return this.#looks.during(this.#plugin, both, async ([before, since]) =>
      loop.measure(change, { before: given(before), since: given(since) }, signal),
    );
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

function readsOf(past: TestPast): Reads {
  const page = async <Row>(
    rows: readonly Row[] | undefined,
    window: Part,
    of: { at(row: Row): string; id(row: Row): string },
  ): Promise<HistoryPage<Row>> => ({
    rows: (rows ?? []).filter((row) => {
      const at = Date.parse(of.at(row));
      if (at < Date.parse(window.since) || at >= Date.parse(window.until)) return false;
      return window.part === 'all' || isHeldOut(of.id(row)) === (window.part === 'held_out');
    }),
    next: null,
  });
  return {
    questions: (window) => page(past.questions, window, { at: ({ at }) => at, id: ({ runId }) => runId }),
    toolCalls: (window) => page(past.toolCalls, window, { at: ({ at }) => at, id: ({ runId }) => runId }),
    incidents: (window) =>
      page(past.incidents, window, {
        at: ({ openedAt }) => openedAt,
        id: ({ incidentId }) => String(incidentId),
      }),
    attempts: (window) =>
      page(past.attempts, window, {
        at: ({ at }) => at,
        id: ({ incidentId, attemptId }) => String(incidentId ?? attemptId),
      }),
    events: (window, { types, splitBy }) =>
      page(
        past.events?.filter(({ type }) => types.includes(type)),
        window,
        {
          at: ({ at }) => at,
          id: ({ seq, payload }) => String((splitBy === undefined ? undefined : payload[splitBy]) ?? seq),
        },
      ),
  };
}
