import type pg from 'pg';
import { openScratch } from './house.ts';
import { meetings } from './meetings.ts';
import { playPairs } from './pairs.ts';
import type { PairsFound } from './pairs.ts';
import { lensOf, plantInStore } from './planted.ts';
import type { PlantedBug } from './planted.ts';
import { search } from './search.ts';
import type { Bounds, Found, SearchOptions } from './search.ts';

export interface ClaimCheck {
  /** A database with the runtime's schema, for this check alone. */
  readonly connection: pg.ClientConfig;
  readonly bounds: Bounds;
  readonly planted?: PlantedBug;
  /** Leaves the second part out. */
  readonly isOnlySearched?: boolean;
  readonly onState?: SearchOptions['onState'];
}

export interface ClaimReport {
  readonly found: Found;
  /** Not played where the search has found something. */
  readonly pairs?: PairsFound;
  readonly broken?: string;
}

/** Both parts: every order of whole statements, then statements that meet. */
export async function checkClaims(check: ClaimCheck): Promise<ClaimReport> {
  const { connection, bounds, planted, isOnlySearched = false, onState } = check;
  await using database = openScratch(connection);
  if (planted === 'claim-waits') await plantInStore(database);
  const lens = lensOf(planted);
  // This bug shows only where two wait for each other.
  const smallest = { ...bounds, grants: 1, faults: 0, operations: 0 };
  const found = await search(database, {
    bounds: planted === 'claim-waits' ? smallest : bounds,
    lens,
    ...(onState === undefined ? {} : { onState }),
  });
  if (found.broken !== undefined) {
    const { law, history } = found.broken;
    return { found, broken: `${law}\n  ${history.join('\n  ')}` };
  }
  if (isOnlySearched) return { found };
  const pairs = await playPairs(database, lens, meetings);
  const { broken } = pairs;
  return { found, pairs, ...(broken === undefined ? {} : { broken: `${broken.law}\n  ${broken.pair}` }) };
}
