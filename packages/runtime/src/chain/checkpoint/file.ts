import { createReadStream } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fault, messageOf } from '../../fault/index.ts';
import { NoteReader, readCheckpoint } from './form.ts';
import type { FoundCheckpoint } from './form.ts';
import type { VerifierKey } from './note.ts';

/** How much of the end is read to find the newest note: hundreds of them. */
const tailBytes = 65_536;

/**
 * The home's own file of checkpoints: notes one after the other, each followed by an empty line, only ever appended to
 * and on the disk before the append is done. It is what a rewritten database is held against.
 */
export class CheckpointFile {
  readonly path: string;
  readonly #origin: string;
  readonly #pinned: readonly VerifierKey[];
  #known: { readonly size: number; readonly newest: FoundCheckpoint | undefined } | undefined;

  constructor(path: string, origin: string, pinned: readonly VerifierKey[]) {
    this.path = path;
    this.#origin = origin;
    this.#pinned = pinned;
  }

  /** Appends notes. Throws KORA_CHECKPOINT_FILE. */
  async append(notes: readonly string[]): Promise<void> {
    if (notes.length === 0) return;
    await this.#attempt('written', async () => {
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
      const file = await open(this.path, 'a+', 0o600);
      let size: number;
      try {
        ({ size } = await file.stat());
        // Whatever a write that was cut off left behind ends here, and is passed over by every reader.
        const gap = size === 0 || (await endsWhole(file, size)) ? '' : '\n\n';
        await file.appendFile(`${gap}${notes.map((note) => `${note}\n`).join('')}`);
        await file.sync();
      } finally {
        await file.close();
      }
      if (size === 0) await syncFolder(dirname(this.path));
    });
  }

  /** The last checkpoint that a pinned key signed. Throws KORA_CHECKPOINT_FILE. */
  async newest(): Promise<FoundCheckpoint | undefined> {
    const size = await this.#attempt('read', () => this.#size());
    // It only grows: as long as it did not, what was found last is still the last.
    if (this.#known?.size === size) return this.#known.newest;
    const notes: string[] = [];
    for await (const note of this.#notes(Math.max(0, size - tailBytes))) notes.push(note);
    let newest: FoundCheckpoint | undefined;
    for (const note of notes.toReversed()) {
      newest = readCheckpoint(note, this.#origin, this.#pinned);
      if (newest?.verdict === 'valid') break;
    }
    this.#known = { size, newest: newest?.verdict === 'valid' ? newest : undefined };
    return this.#known.newest;
  }

  /** Every whole checkpoint, oldest first, judged; in constant memory. Throws KORA_CHECKPOINT_FILE. */
  async *read(): AsyncGenerator<FoundCheckpoint> {
    for await (const note of this.#notes(0)) {
      const found = readCheckpoint(note, this.#origin, this.#pinned);
      if (found !== undefined) yield found;
    }
  }

  async *#notes(from: number): AsyncGenerator<string> {
    if ((await this.#attempt('read', () => this.#size())) === 0) return;
    const reader = new NoteReader();
    try {
      for await (const line of createInterface({ input: createReadStream(this.path, { start: from }) })) {
        const note = reader.line(line);
        if (note !== undefined) yield note;
      }
    } catch (cause) {
      throw this.#fault('read', cause);
    }
    const last = reader.end();
    if (last !== undefined) yield last;
  }

  async #size(): Promise<number> {
    return (await stat(this.path).catch(absent))?.size ?? 0;
  }

  async #attempt<T>(what: 'read' | 'written', work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw this.#fault(what, cause);
    }
  }

  #fault(what: 'read' | 'written', cause: unknown): Error {
    return fault('KORA_CHECKPOINT_FILE', `${this.path} cannot be ${what}: ${messageOf(cause)}`, {
      fix: `make room on the disk of ${dirname(this.path)}, and see that its owner runs Kora`,
      details: { file: this.path },
      cause,
    });
  }
}

function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}

async function endsWhole(file: FileHandle, size: number): Promise<boolean> {
  const { buffer } = await file.read(Buffer.alloc(2), 0, 2, Math.max(0, size - 2));
  return buffer.toString() === '\n\n';
}

/** A new name is on the disk only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
