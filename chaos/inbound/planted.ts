import type { StoreConnection } from '../../e2e/harness/store.ts';

/** Bugs that the judge must find. The first two lie in the channel, the others in the store. */
export const plantedBugs = [
  'acknowledges-first',
  'new-id-each-time',
  'ignores-order',
  'handles-again',
  'loses-answers',
] as const;
export type PlantedBug = (typeof plantedBugs)[number];

export function isPlanted(text: string | undefined): text is PlantedBug {
  return plantedBugs.some((one) => one === text);
}

/** Makes the bug where it lies in the store. */
export async function plant(store: StoreConnection, bug: PlantedBug | undefined): Promise<void> {
  const statements = bug === undefined ? [] : (inStore[bug] ?? []);
  for (const statement of statements) await store.rows(statement);
}

const inStore: Partial<Record<PlantedBug, readonly string[]>> = {
  'ignores-order': [
    'drop index kora.inbound_first',
    `create function kora.planted() returns trigger language plpgsql as
       $$ begin new.first := true; return new; end $$`,
    'create trigger planted before insert on kora.inbound for each row execute function kora.planted()',
  ],
  // Handled and said so, and open again all the same.
  'handles-again': [
    `create function kora.planted() returns trigger language plpgsql as
       $$ begin
         if new.state = 'answered' and new.attempts = 1 and new.inbound_id % 20 = 0 then
           new.state := 'received'; new.ended_at := null; new.outcome := null;
         end if;
         return new;
       end $$`,
    `create trigger planted before update on kora.inbound for each row
       when (new.state is distinct from old.state) execute function kora.planted()`,
  ],
  'loses-answers': [
    `create function kora.planted() returns trigger language plpgsql as
       $$ begin return case when new.answers % 20 = 0 then null else new end; end $$`,
    'create trigger planted before insert on kora.message for each row execute function kora.planted()',
  ],
};
