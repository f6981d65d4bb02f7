import type { Database } from '../../packages/runtime/src/store/index.ts';

/** Bugs that the judge must find. The first two lie in the sender, the others in the store. */
export const plantedBugs = [
  'new-key-each-time',
  'records-unsent',
  'loses-its-record',
  'ignores-order',
] as const;
export type PlantedBug = (typeof plantedBugs)[number];

export function isPlanted(text: string | undefined): text is PlantedBug {
  return plantedBugs.some((one) => one === text);
}

/** Makes the bug where it lies in the store. */
export async function plant(database: Database, bug: PlantedBug | undefined): Promise<void> {
  // The order is kept by the thread in the outbox; what the provider is told is the thread of the message.
  if (bug === 'ignores-order') await database.query(`update kora.outbox set thread = message_id::text`);
  if (bug !== 'loses-its-record') return;
  await database.query(
    `create function chaos.lose_record() returns trigger language plpgsql as
       $$ begin return case when new.message_id % 20 = 0 then null else new end; end $$`,
  );
  await database.query(
    'create trigger lose_record before insert on kora.delivery for each row execute function chaos.lose_record()',
  );
}
