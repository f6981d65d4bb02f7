import type { ModelTier } from '@kora/runtime/plugin';
import catalogue from '../catalogue.json' with { type: 'json' };
import type { PriceConfig, ProviderKind } from '../config.ts';

/** A well-known model as its vendor's page described it on the day it was read. */
export interface CatalogueRow {
  readonly kind: ProviderKind;
  readonly id: string;
  readonly tier: ModelTier;
  /** At most as many as are sent at `price`. */
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  /** Dollars for a million tokens. */
  readonly price: Required<PriceConfig>;
  readonly page: string;
  /** The day, as `2026-11-22`. */
  readonly read: string;
}

const rows = catalogue.models as readonly CatalogueRow[];

export function catalogueOf(kind: ProviderKind): readonly CatalogueRow[] {
  return rows.filter((row) => row.kind === kind);
}

export function inCatalogue(kind: ProviderKind, id: string): CatalogueRow | undefined {
  return rows.find((row) => row.kind === kind && row.id === id);
}
