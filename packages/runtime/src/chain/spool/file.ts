import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { fault, messageOf } from '../../fault/index.ts';

const text = z.string().nullable();
const number = z.number().nullable();

/** One event that waits for the store, as it will be staged: free of secrets, its payload canonical. */
const lineSchema = z.object({
  id: z.uuid(),
  type: z.string(),
  version: z.number(),
  actor: z.string(),
  session: z.string(),
  correlation: text,
  causation: text,
  ticket: number,
  fence: number,
  body: z.string(),
  /** When it happened, by the home's clock. */
  at: z.string(),
  /** A sequence that the chain had reached before the event could be on it. */
  since: z.number(),
  /** The store was asked to take it and did not say what became of it. */
  tried: z.boolean(),
});

export type SpoolLine = z.infer<typeof lineSchema>;

/**
 * A file of events, one to a line, each forced to the disk before its caller is told. A last line that a crash tore is
 * cut off when the file is opened: nobody was told about it. There is no file when there is nothing in it.
 */
export class SpoolFile {
  readonly #path: string;
  readonly #maxBytes: number;
  #handle: FileHandle | undefined;
  #bytes = 0;
  #lines: SpoolLine[] = [];

  private constructor(path: string, maxBytes: number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
  }

  /** Reads what an earlier process left. Throws KORA_HOME_UNREADABLE when a line inside it is not one of ours. */
  static async open(path: string, maxBytes: number): Promise<SpoolFile> {
    const file = new SpoolFile(path, maxBytes);
    const content = await readFile(path).catch((error: unknown) => missing(error));
    if (content === undefined) return file;
    const whole = content.subarray(0, content.lastIndexOf(0x0a) + 1);
    file.#lines = whole
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line, at) => parsed(line, path, at + 1));
    file.#bytes = whole.length;
    if (whole.length === 0) await file.clear();
    else if (whole.length < content.length) await (await file.#writable()).truncate(whole.length);
    return file;
  }

  get lines(): readonly SpoolLine[] {
    return this.#lines;
  }

  /** Durable when it resolves. Throws KORA_SPOOL_FULL, with nothing written, past the limit or on a full disk. */
  async add(lines: readonly SpoolLine[]): Promise<void> {
    const block = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    if (this.#bytes + block.length > this.#maxBytes) throw this.#full(`it holds ${this.#bytes} bytes`);
    const handle = await this.#writable();
    try {
      await handle.write(block, 0, block.length, this.#bytes);
      await handle.datasync();
    } catch (cause) {
      // Half a line in the middle would hide what comes after it.
      await handle.truncate(this.#bytes).catch(() => undefined);
      throw this.#full(messageOf(cause), cause);
    }
    this.#bytes += block.length;
    this.#lines.push(...lines);
  }

  /** Everything in it is in the store. */
  async clear(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
    this.#lines = [];
    this.#bytes = 0;
  }

  /** What the store will never take is kept for people; answers under which name. */
  async setAside(at: number): Promise<string> {
    const aside = `${this.#path}.refused-${at}`;
    await this.close();
    await rename(this.#path, aside);
    this.#lines = [];
    this.#bytes = 0;
    return aside;
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #writable(): Promise<FileHandle> {
    if (this.#handle !== undefined) return this.#handle;
    const folder = dirname(this.#path);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    this.#handle = await open(this.#path, this.#bytes === 0 ? 'w+' : 'r+', 0o600);
    // A file is as durable as the entry that names it.
    const entry = await open(folder, 'r');
    try {
      await entry.sync();
    } finally {
      await entry.close();
    }
    return this.#handle;
  }

  #full(why: string, cause?: unknown): Error {
    return fault('KORA_SPOOL_FULL', `${this.#path} takes no more events: ${why}`, {
      fix: 'bring the store back: kora doctor says what is wrong with it',
      details: { file: this.#path, bytes: this.#bytes },
      cause,
    });
  }
}

function parsed(line: string, path: string, at: number): SpoolLine {
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw fault('KORA_HOME_UNREADABLE', `${path}:${at} is no event`, {
      fix: `move ${path} away; the events in it have not reached the store`,
      details: { file: path, line: at },
      cause,
    });
  }
}

function missing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
