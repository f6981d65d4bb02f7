import type { StoreConnection } from '../../e2e/harness/store.ts';

/** Bugs that a judge must find. The first is what a runtime would do at its start, the others are in the functions. */
export const plantedBugs = [
  'gives-back-at-start',
  'reserves-nothing',
  'settles-half',
  'ignores-the-pool',
] as const;
export type PlantedBug = (typeof plantedBugs)[number];

export function isPlanted(text: string | undefined): text is PlantedBug {
  return plantedBugs.some((one) => one === text);
}

interface Rewriting {
  readonly of: string;
  readonly from: RegExp;
  readonly to: string;
}

const rewritings: Partial<Record<PlantedBug, Rewriting>> = {
  'reserves-nothing': {
    of: 'add_spend',
    from: /reserved = reserved \+ more_reserved/,
    to: 'reserved = greatest(0, reserved + least(0, more_reserved))',
  },
  'settles-half': {
    of: 'add_spend',
    from: /spent = spent \+ more_spent/,
    to: 'spent = spent + more_spent / 2',
  },
  'ignores-the-pool': {
    of: 'reserve_spend',
    from: /> pool_now\.pool( - pool_now\.critical)? then/g,
    to: '> pool_now.pool * 1000 then',
  },
};

/** Makes the bug where it lies in the functions of the store. Throws when they have no such place any more. */
export async function plant(store: StoreConnection, bug: PlantedBug): Promise<void> {
  const rewriting = rewritings[bug];
  if (rewriting === undefined) return;
  const { of, from, to } = rewriting;
  const functions = await store.rows<{ source: string }>(
    `select pg_get_functiondef(p.oid) as source from pg_proc p where pronamespace = 'kora'::regnamespace and proname = $1`,
    [of],
  );
  const found = functions.filter(({ source }) => source.search(from) >= 0);
  if (found.length === 0) throw new Error(`${bug} has no place any more in kora.${of}`);
  for (const { source } of found) await store.rows(source.replace(from, to));
}

/** What a runtime with the first bug would do as it starts: what was reserved by the dead is free again. */
export async function giveBack(store: StoreConnection): Promise<void> {
  await store.rows(`select kora.release_spend(workspace_id, call_id, 'planted') from kora.spend_reservation`);
}
