import { censusRows, exemptions, watchedModules } from './census-rows.ts';

/** Sites of one function that reach the same and are admitted alike. */
export interface CensusRow {
  /** From the repository's root. */
  readonly file: string;
  readonly place: string;
  readonly reaches: string;
  /** Doors, and names of exemptions. */
  readonly admitted: readonly string[];
  readonly sites: number;
}

/** Every way out of the process in what ships, as it was computed from the sources when this was built. */
export interface DoorCensus {
  readonly rows: readonly CensusRow[];
  /** Why some ways need no door, by name. */
  readonly exemptions: Readonly<Record<string, string>>;
  /** Modules and packages that lead out. */
  readonly watched: readonly string[];
}

export const doorCensus: DoorCensus = {
  rows: censusRows.map(([file, place, reaches, admitted, sites]) => ({
    file,
    place,
    reaches,
    admitted,
    sites,
  })),
  exemptions,
  watched: watchedModules,
};
