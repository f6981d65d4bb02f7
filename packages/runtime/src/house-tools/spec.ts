import type { Evidence, ToolAnswer, ToolSpec } from '../reason/index.ts';

/** What reads: of one capability, changes nothing, may run beside others. */
export const reading = { capability: 'cap_read_runtime', sideEffects: 'none' } as const;

/** A tool whose input is its own, as one of a list. */
export function tool<Input>(spec: ToolSpec<Input>): ToolSpec {
  return spec as unknown as ToolSpec;
}

/** Rows that say by which evidence they may be cited, and that evidence. */
export function rowsWith<Row>(
  rows: readonly Row[],
  shown: (row: Row) => Evidence & { readonly row: object },
): Pick<ToolAnswer, 'content' | 'evidence'> {
  const told = rows.map(shown);
  return {
    content: told.map(({ id, row }) => ({ evidence: id, ...row })),
    evidence: told.map(({ id, what }) => ({ id, what })),
  };
}
