import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import type { Database, Transaction } from '../store/index.ts';
import { emergencyTold } from './events.ts';
import type { EmergencyRecord, Keeper } from './keeper/index.ts';

export interface RecordEmergencies {
  readonly database: Database;
  readonly runtimeId: string;
  readonly keeper: Pick<Keeper, 'told' | 'recorded'>;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  /** Leaves a record with the operator's messages; the same record twice is one message. */
  readonly note: (tx: Transaction, record: EmergencyRecord) => Promise<void>;
}

/** What was told while nothing could be written is written now: an event and a message for each, together. */
export async function recordEmergencies(options: RecordEmergencies): Promise<void> {
  const { database, runtimeId, keeper, stage, note } = options;
  const records = keeper.told();
  if (records.length === 0) return;
  await database.transaction(async (tx) => {
    for (const record of records) {
      const { id, what, detail, at, pid } = record;
      await stage(tx, [
        draft(emergencyTold, { record_id: id, what, detail, told_at: at, pid, runtime_id: runtimeId }),
      ]);
      await note(tx, record);
    }
  });
  keeper.recorded(records.map(({ id }) => id));
}
