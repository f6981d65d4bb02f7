import type { ModelPriceRow } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import { dollars } from '../output/dollars.ts';

const bases = {
  configured: 'spend.prices',
  engine: 'the engine',
  dearest: 'nobody: the dearest known',
} as const;

export const prices: Run = async ({ client, out }) => {
  const rows = await (await client()).spendPrices();
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'model', of: (row) => row.model, flexible: true },
        { title: 'provider', of: (row) => row.provider ?? '' },
        { title: 'tier', of: (row) => row.tier ?? '' },
        { title: 'input', of: (row) => of(row, 'input'), right: true },
        { title: 'output', of: (row) => of(row, 'output'), right: true },
        { title: 'cache read', of: (row) => of(row, 'cacheRead'), right: true },
        { title: 'cache write', of: (row) => of(row, 'cacheWrite'), right: true },
        {
          title: 'said by',
          of: (row) => (row.price === null ? 'nobody: calls are refused' : bases[row.basis]),
        },
      ],
      'no model is known: no engine serves, and spend.prices is empty',
    ),
  );
  return 'ok';
};

/** Dollars for a million tokens. */
function of({ price }: ModelPriceRow, kind: 'input' | 'output' | 'cacheRead' | 'cacheWrite'): string {
  return price === null ? 'unknown' : dollars(price[kind]);
}
