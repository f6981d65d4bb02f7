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
  /** Leaves it with the operator's messages; the same `first` twice is one message. */
  readonly note: (tx: Transaction, told: EmergencyTold) => Promise<void>;
}

/** One fault, however often it was told while nothing could be written: who comes back reads a line, not a flood. */
export interface EmergencyTold {
  readonly first: EmergencyRecord;
  readonly last: EmergencyRecord;
  readonly times: number;
}

/** What was told while nothing could be written is written now: an event for each and a message for each fault, together. */
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
    }
    for (const told of byFault(records)) await note(tx, told);
  });
  keeper.recorded(records.map(({ id }) => id));
}

function byFault(records: readonly EmergencyRecord[]): EmergencyTold[] {
  const faults = new Map<string, EmergencyTold>();
  for (const record of records) {
    const { first = record, times = 0 } = faults.get(record.what) ?? {};
    faults.set(record.what, { first, last: record, times: times + 1 });
  }
  return [...faults.values()];
}
