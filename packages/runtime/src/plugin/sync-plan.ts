import { newAsks } from './approvals.ts';
import type { ApprovalBook } from './approvals.ts';
import type { IndexRow } from './plugin-index.ts';

/** What stands in a host, as far as a plan needs it. */
export interface Standing {
  readonly row: IndexRow;
  /** It has a place to run: it serves, comes up, or lies quarantined. */
  readonly lives: boolean;
}

/** One thing to do so that what stands is what is installed. */
export type Step<S extends Standing> =
  | { readonly do: 'keep'; readonly seat: S }
  | { readonly do: 'add'; readonly row: IndexRow }
  | { readonly do: 'remove'; readonly seat: S; readonly because?: IndexRow }
  | { readonly do: 'upgrade'; readonly seat: S; readonly row: IndexRow }
  /** Nothing serves, or what serves goes on; the row waits for the operator. */
  | { readonly do: 'park'; readonly seat?: S; readonly row: IndexRow; readonly asks: readonly string[] }
  /** Trusted ones share the runtime's process: what changed of them comes with its next start. */
  | { readonly do: 'restart'; readonly about: IndexRow; readonly seat?: S; readonly row?: IndexRow }
  /** The index says no to the row; what serves goes on. */
  | { readonly do: 'refuse'; readonly seat?: S; readonly row: IndexRow };

/**
 * What it takes to come from what stands to what is installed: one step for each plugin on either side. Decided on the
 * manifests and on what was approved, before anything is done.
 */
export function planSync<S extends Standing>(
  standing: readonly S[],
  rows: readonly IndexRow[],
  approvals: Pick<ApprovalBook, 'of'>,
): Step<S>[] {
  const living = standing.filter(({ lives }) => lives);
  const indexed = rows.filter(({ state }) => state === 'indexed');
  const told = new Set<IndexRow>();
  const steps = living.map((seat): Step<S> => {
    const { id, packageName } = seat.row;
    const row = indexed.find((each) => each.id === id);
    if (row !== undefined) return change(seat, row, approvals);
    const refused =
      rows.find((each) => each.state !== 'indexed' && each.id === id) ??
      rows.find((each) => each.state !== 'indexed' && each.packageName === packageName);
    if (refused !== undefined) told.add(refused);
    if (refused?.state === 'incompatible') return { do: 'refuse', seat, row: refused };
    if (seat.row.trusted)
      return {
        do: 'restart',
        about: refused ?? seat.row,
        seat,
        ...(refused === undefined ? {} : { row: refused }),
      };
    return { do: 'remove', seat, ...(refused === undefined ? {} : { because: refused }) };
  });
  const lives = new Set(living.map(({ row }) => row.id));
  for (const row of rows) {
    if (told.has(row)) continue;
    if (row.state !== 'indexed') steps.push({ do: 'refuse', row });
    else if (!lives.has(row.id)) steps.push(arrival(row, approvals));
  }
  return steps;
}

function change<S extends Standing>(seat: S, row: IndexRow, approvals: Pick<ApprovalBook, 'of'>): Step<S> {
  if (isSame(seat.row, row)) return { do: 'keep', seat };
  if (seat.row.trusted || row.trusted) return { do: 'restart', about: row, seat, row };
  const asks = newAsks(row, approvals.of(row.id));
  return asks.length > 0 ? { do: 'park', seat, row, asks } : { do: 'upgrade', seat, row };
}

function arrival<S extends Standing>(row: IndexRow, approvals: Pick<ApprovalBook, 'of'>): Step<S> {
  if (row.trusted) return { do: 'restart', about: row, row };
  const asks = newAsks(row, approvals.of(row.id));
  return asks.length > 0 ? { do: 'park', row, asks } : { do: 'add', row };
}

/** Whether two rows are one installation: the same version in the same place, with the same manifest and trust. */
export function isSame(one: IndexRow, other: IndexRow): boolean {
  return identityOf(one) === identityOf(other);
}

function identityOf({
  packageName,
  version,
  origin,
  trusted,
  directory,
  entry,
  manifest,
  state,
}: IndexRow): string {
  return JSON.stringify([packageName, version, origin, trusted, directory, entry, manifest, state]);
}
