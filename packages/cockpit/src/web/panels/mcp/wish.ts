interface Entered {
  readonly name: string;
  readonly grants: readonly string[];
  /** Apart by commas or spaces. */
  readonly kinds: string;
  /** Whole days; empty: as the runtime has it. */
  readonly days: string;
}

const dayMs = 86_400_000;

/** What was entered, as the runtime takes it: `POST /api/mcp-tokens`. */
export function wishFrom({ name, grants, kinds, days }: Entered): object {
  return {
    name: name.trim(),
    grants,
    kinds: kinds.split(/[\s,]+/).filter((kind) => kind !== ''),
    ...(days === '' ? {} : { expiresInMs: Number(days) * dayMs }),
  };
}
