import type { Model } from '../store/model.ts';
import { routes } from './routes.ts';

/** One thing the palette can go to. */
export interface PaletteEntry {
  readonly title: string;
  /** `page`, `ticket`, `do`. */
  readonly what: string;
  readonly href: string;
  /** Done instead of going there. */
  readonly run?: () => void;
}

/** Everything the page knows by name, pages first. */
export function entriesOf(lists: Model['lists']): readonly PaletteEntry[] {
  const { counts: _counts, ...lanes } = lists.tickets.good?.data ?? { counts: null };
  const tickets = Object.values(lanes).flat();
  return [
    ...routes.map(({ title, path }) => ({ title, what: 'page', href: path })),
    ...tickets.map(({ ticketId, title }) => ({
      title: `#${ticketId} ${title}`,
      what: 'ticket',
      href: `/tickets/${ticketId}`,
    })),
    ...named('probe', '/probes/', lists.probes.good?.data),
    ...(lists.daemons.good?.data ?? []).map(({ name }) => ({
      title: name,
      what: 'daemon',
      href: `/daemons?q=${encodeURIComponent(name)}`,
    })),
    ...(lists.plugins.good?.data ?? []).map(({ id }) => ({
      title: id,
      what: 'plugin',
      href: `/panels/${encodeURIComponent(id)}`,
    })),
  ];
}

function named(
  what: string,
  under: string,
  rows: readonly { readonly name: string }[] | undefined,
): PaletteEntry[] {
  return (rows ?? []).map(({ name }) => ({ title: name, what, href: under + encodeURIComponent(name) }));
}

const shown = 50;

/** Those whose title has every word, what begins like it first; at most 50. */
export function found(entries: readonly PaletteEntry[], words: string): readonly PaletteEntry[] {
  const wanted = words.trim().toLowerCase().split(/\s+/);
  const first = wanted[0] ?? '';
  const rank = (title: string): number => {
    const low = title.toLowerCase();
    if (low.startsWith(first)) return 0;
    return low.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(first)) ? 1 : 2;
  };
  return entries
    .filter(({ title, what }) => wanted.every((word) => `${title} ${what}`.toLowerCase().includes(word)))
    .map((entry) => ({ entry, rank: rank(entry.title) }))
    .toSorted((one, other) => one.rank - other.rank)
    .slice(0, shown)
    .map(({ entry }) => entry);
}
