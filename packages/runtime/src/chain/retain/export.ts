import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Database, Session } from '../../store/index.ts';
import { genesisHash } from '../form.ts';
import { eventColumns, readHead } from '../read.ts';

/** Raised when the lines below change; docs/verify-export.mjs reads them. */
const exportVersion = 1;

export interface ExportOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly workspace: string;
  /** First event, default the first that was not pruned. */
  readonly from?: number;
  /** Last event, default the head. */
  readonly to?: number;
  /** Takes the lines; neither ended nor closed here. */
  readonly out: Writable;
  /** Signed notes, in ascending order of size; those of the range go into the file. */
  readonly checkpoints?: AsyncIterable<{ readonly size: number; readonly note: string }>;
  /** Public keys that signed them, as verifier keys. */
  readonly keys?: readonly string[];
  readonly onProgress?: (written: number, of: number) => void;
  readonly signal?: AbortSignal;
}

export interface Exported {
  readonly from: number;
  readonly to: number;
  readonly events: number;
  readonly checkpoints: number;
  /** Of every byte that was written, in hex: what pruning asks for. */
  readonly sha256: string;
}

interface ExportRow {
  readonly seq: number;
  readonly body: string | null;
  readonly bodyHash: string;
  readonly previous: string;
  readonly hash: string;
}

const batchRows = 500;

/**
 * Writes events as lines of JSON that prove by themselves: a header, then each event with every hashed field, its exact
 * body and its hashes, each checkpoint behind the event it ends with, and a last line that says what must have come
 * before. Constant memory; waits for `out`. It writes what is there and judges nothing: damage is for verification.
 */
export function exportEvents(options: ExportOptions): Promise<Exported> {
  return options.database.session((session) => writeExport(session, options));
}

async function writeExport(session: Session, options: ExportOptions): Promise<Exported> {
  const { workspaceId, workspace, out, signal, onProgress } = options;
  const range = await rangeOf(session, options);
  const { from, to } = range;
  const digest = createHash('sha256');
  const say = async (line: object): Promise<void> => {
    const text = `${JSON.stringify(line)}\n`;
    digest.update(text);
    if (!out.write(text)) await once(out, 'drain', signal === undefined ? {} : { signal });
  };
  const notes = options.checkpoints?.[Symbol.asyncIterator]();
  let note = await notes?.next();
  let [events, checkpoints] = [0, 0];
  let last = range.previous;
  const { keys = [] } = options;
  await say({
    format: 'kora-chain-export',
    version: exportVersion,
    workspace,
    workspaceId,
    from,
    to,
    previous: last,
    keys,
  });
  while (from + events <= to) {
    signal?.throwIfAborted();
    const rows = await readRows(session, workspaceId, from + events, to);
    for (const row of rows) {
      await say(row);
      last = row.hash;
      while (note !== undefined && note.done !== true && note.value.size <= row.seq) {
        if (note.value.size === row.seq) {
          await say({ checkpoint: note.value.note });
          checkpoints += 1;
        }
        note = await notes?.next();
      }
    }
    events += rows.length;
    onProgress?.(events, to - from + 1);
    // Rows that are missing are missed by whoever reads the file: it says which there should be.
    if (rows.length < batchRows) break;
  }
  await say({ end: { seq: to, hash: last, events, checkpoints } });
  await taken(out);
  return { from, to, events, checkpoints, sha256: digest.digest('hex') };
}

/** Resolves when everything that was written has left the stream: only then is the file what its hash says. */
function taken(out: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    out.write('', (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

async function rangeOf(
  session: Session,
  options: ExportOptions,
): Promise<{ readonly from: number; readonly to: number; readonly previous: string }> {
  const { workspaceId } = options;
  const head = await readHead(session, workspaceId);
  const [pruned] = await session.query<{ seq: number; hash: string }>(
    `select upto_seq as seq, encode(hash, 'hex') as hash from kora.pruned where workspace_id = $1
     order by upto_seq desc limit 1`,
    [workspaceId],
  );
  const first = (pruned?.seq ?? 0) + 1;
  const from = Math.max(first, options.from ?? first);
  const to = Math.max(from - 1, Math.min(head.seq, options.to ?? head.seq));
  if (from === first) return { from, to, previous: pruned?.hash ?? genesisHash.toString('hex') };
  const [before] = await session.query<{ hash: string }>(
    `select encode(hash, 'hex') as hash from kora.event where workspace_id = $1 and seq = $2`,
    [workspaceId, from - 1],
  );
  return { from, to, previous: before?.hash ?? '' };
}

/** 64-bit numbers that are not sequences are text: a reader in any language has them whole. */
function readRows(session: Session, workspaceId: number, from: number, to: number): Promise<ExportRow[]> {
  return session.query<ExportRow>(
    `select ${eventColumns.replace(/e\.ticket_id as "ticketId", e\.fence/, 'e.ticket_id::text as "ticketId", e.fence::text as fence')},
       encode(e.body_hash, 'hex') as "bodyHash", encode(e.prev_hash, 'hex') as previous, encode(e.hash, 'hex') as hash, b.body
     from kora.event e left join kora.event_body b using (workspace_id, seq)
     where workspace_id = $1 and seq between $2 and $3 order by seq limit ${batchRows}`,
    [workspaceId, from, to],
  );
}
