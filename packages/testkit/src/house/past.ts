import { isHeldOut } from '@kora/runtime/testkit';
import type { Looks } from '@kora/runtime/testkit';
import type { HistoryPage, PastQuestion } from '@kora/runtime/plugin';
import type { TestPast } from '../contract.ts';

type Reads = ConstructorParameters<typeof Looks>[0];
type Part = Parameters<Reads['incidents']>[0];
type Page = Parameters<Reads['questions']>[1];

const rowsByDefault = 1_000;
const mostRows = 5_000;

/** How pages are cut: a loop that is right reads the same past whatever they are. */
export interface Paging {
  /** Rows of a page at most, whatever is asked for. */
  most: number;
  /** Before each page an empty one that says there is more, as a store that looks through a window gives them. */
  hasEmptyPages: boolean;
  /** Hears of each page before it is given. */
  onPage: (() => void) | undefined;
}

export function wholePages(): Paging {
  return { most: mostRows, hasEmptyPages: false, onPage: undefined };
}

/** The past that a test made up, in pages, split as the runtime splits it. */
export function readsOf(past: TestPast, paging: Paging): Reads {
  // Asked of every row for every page.
  const heldOut = new Map<string, boolean>();
  const isIn = (id: string, part: Part['part']): boolean => {
    const known = heldOut.get(id) ?? isHeldOut(id);
    heldOut.set(id, known);
    return part === 'all' || known === (part === 'held_out');
  };
  const pages = <Row>(
    rows: readonly Row[] | undefined,
    { window, page }: { readonly window: Part; readonly page: Page },
    of: { at(row: Row): string; id(row: Row): string },
  ): Promise<HistoryPage<Row>> => {
    paging.onPage?.();
    const found = (rows ?? []).filter((row) => isWithin(of.at(row), window) && isIn(of.id(row), window.part));
    return Promise.resolve(pageOf(found, page, paging));
  };
  return {
    questions: (window, page) => {
      const { with: wanted, runs } = page;
      const asked = past.questions?.filter(({ runId }) => runs === undefined || runs.includes(runId));
      const rows = wanted === 'snapshot' ? asked : asked?.map(withoutSnapshot);
      return pages(rows, { window, page }, { at: ({ at }) => at, id: ({ runId }) => runId });
    },
    toolCalls: (window, page) =>
      pages(past.toolCalls, { window, page }, { at: ({ at }) => at, id: ({ runId }) => runId }),
    incidents: (window, page) =>
      pages(
        past.incidents,
        { window, page },
        { at: ({ openedAt }) => openedAt, id: ({ incidentId }) => String(incidentId) },
      ),
    attempts: (window, page) =>
      pages(
        past.attempts,
        { window, page },
        { at: ({ at }) => at, id: ({ incidentId, attemptId }) => String(incidentId ?? attemptId) },
      ),
    events: (window, page) => {
      const { types, splitBy } = page;
      return pages(
        past.events?.filter(({ type }) => types.includes(type)),
        { window, page },
        {
          at: ({ at }) => at,
          id: ({ seq, payload }) => plainId(splitBy === undefined ? seq : payload[splitBy]) ?? String(seq),
        },
      );
    },
  };
}

function pageOf<Row>(rows: readonly Row[], { after, limit }: Page, paging: Paging): HistoryPage<Row> {
  const [, begins = '0', isEmpty] = /^(\d+)(e?)$/.exec(after ?? (paging.hasEmptyPages ? '0e' : '0')) ?? [];
  if (isEmpty === 'e') return { rows: [], next: begins };
  const from = Number(begins);
  const to = from + Math.max(1, Math.min(limit ?? rowsByDefault, paging.most));
  const next = to < rows.length ? `${to}${paging.hasEmptyPages ? 'e' : ''}` : null;
  // Copies: what a loop does to them is not done to the past.
  return { rows: structuredClone(rows.slice(from, to)), next };
}

function plainId(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function withoutSnapshot(question: PastQuestion): PastQuestion {
  return { ...question, snapshot: null };
}

function isWithin(at: string, { since, until }: Part): boolean {
  const time = Date.parse(at);
  return time >= Date.parse(since) && time < Date.parse(until);
}
