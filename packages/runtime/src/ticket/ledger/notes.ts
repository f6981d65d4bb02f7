import { storable } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import type { Queryable } from '../../store/index.ts';
import { holderFragment, holderValues, staleFence } from './holder.ts';
import type { Holder } from './holder.ts';
import type { Scrub } from './words.ts';

export interface NotesOptions {
  readonly database: Queryable;
  readonly workspaceId: number;
  /** Takes secrets that this process knows out of a text. */
  readonly scrub: Scrub;
}

const longestNote = 10_000;
const addStatement = `
  with holder as materialized (${holderFragment})
  insert into kora.ticket_note (workspace_id, ticket_id, fence, text) select $1, ticket_id, $3, $5::text from holder
  returning note_id`;

/** What holders say while they work, for the ticket's timeline. */
export class Notes {
  readonly #options: NotesOptions;

  constructor(options: NotesOptions) {
    this.#options = options;
  }

  /** Throws KORA_TICKET_INVALID for a text that is empty or longer than 10 000 characters, and KORA_TICKET_STALE_FENCE. */
  async add(holder: Holder, text: string): Promise<void> {
    const { database, workspaceId, scrub } = this.#options;
    const kept = typeof text === 'string' ? String(storable(text, scrub)) : '';
    if (kept.length === 0 || kept.length > longestNote) {
      throw fault('KORA_TICKET_INVALID', `a note is a text of 1 to ${longestNote} characters`);
    }
    const values = [...holderValues(workspaceId, holder), kept];
    const rows = await database.query(addStatement, values, { name: 'ticket-note-add' });
    if (rows.length === 0) throw staleFence(holder);
  }
}
