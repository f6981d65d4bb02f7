import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Clock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';
import type { Database } from '../store/index.ts';
import type { ChainEnd, StoreSource, TableShape } from './contract.ts';
import { copyHomeFiles } from './home-files.ts';
import { withSnapshot } from './live.ts';
import { backupFiles } from './manifest.ts';
import type { BackupFile, BackupManifest } from './manifest.ts';
import { nameOf, Progress } from './meter.ts';
import type { Meter } from './meter.ts';
import { readmeOf } from './readme.ts';

export interface BackupOptions {
  readonly database: Database;
  /** The home whose keys and configuration go along. */
  readonly home: string;
  /** Absolute; must not exist, or be empty. */
  readonly directory: string;
  readonly build: string;
  readonly clock: Clock;
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface BackupReport {
  readonly directory: string;
  readonly createdAt: string;
  readonly rows: number;
  /** On disk, packed. */
  readonly bytes: number;
  readonly ends: readonly ChainEnd[];
  readonly epoch: number;
}

/**
 * Writes a copy of the store, of one moment, and of the home's keys and configuration into a folder of its own. The
 * folder gets its name when everything in it is on the disk. Throws KORA_BACKUP_TARGET when the folder is in use.
 */
export async function backupStore(options: BackupOptions): Promise<BackupReport> {
  const { directory, clock } = options;
  await refuseUsedFolder(directory);
  const half = `${directory}.half-${clock.uuid().slice(0, 8)}`;
  try {
    await mkdir(half, { recursive: true, mode: 0o700 });
    const manifest = await fill(half, options);
    await rename(half, directory);
    await syncFolder(dirname(directory));
    return reportOf(directory, manifest);
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    throw error;
  }
}

async function refuseUsedFolder(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw fault('KORA_BACKUP_TARGET', `${directory} cannot hold a backup: ${String(error)}`, {
      fix: 'kora backup --out <a new folder>',
      cause: error,
    });
  });
  if (names.length === 0) return;
  throw fault('KORA_BACKUP_TARGET', `${directory} is not empty`, { fix: 'kora backup --out <a new folder>' });
}

async function fill(folder: string, options: BackupOptions): Promise<BackupManifest> {
  const { database, home, build, clock } = options;
  for (const name of [backupFiles.home, backupFiles.store]) await mkdir(join(folder, name), { mode: 0o700 });
  // Before the snapshot: a checkpoint in the home that is newer than the rows would look like a chain that went back.
  const files = await copyHomeFiles(home, folder);
  return withSnapshot(database, async (source) => {
    const createdAt = new Date(clock.now()).toISOString();
    const tables = await writeTables(folder, source, options, files);
    const { ends, epoch, server, partitions, ticketPartitions, ledger } = source.contents;
    files.push(await writeText(folder, backupFiles.ledger, `${JSON.stringify(ledger, null, 2)}\n`));
    const sequences = [...(await source.sequences())];
    const store = {
      description: source.description,
      server,
      epoch: { ...epoch },
      ends: [...ends],
      tables,
      partitions: [...partitions],
      ticketPartitions: [...ticketPartitions],
      sequences,
    };
    const manifest: BackupManifest = { format: 'kora-backup', version: 1, createdAt, build, store, files };
    files.push(await writeText(folder, backupFiles.readme, readmeOf(manifest)));
    for (const part of ['', backupFiles.home, backupFiles.store]) await syncFolder(join(folder, part));
    await writeText(folder, backupFiles.manifest, `${JSON.stringify(manifest, null, 2)}\n`);
    await syncFolder(folder);
    return manifest;
  });
}

async function writeTables(
  folder: string,
  source: StoreSource,
  { onProgress, signal }: BackupOptions,
  files: BackupFile[],
): Promise<BackupManifest['store']['tables']> {
  const { tables, bytes } = source.contents;
  const progress = new Progress(onProgress, tables.length, bytes);
  const written: BackupManifest['store']['tables'] = [];
  for (const table of tables) {
    signal?.throwIfAborted();
    const file = `${backupFiles.store}/${encodeURIComponent(nameOf(table))}.copy.gz`;
    const meter = progress.meter(table);
    files.push(await writeTable(join(folder, file), file, { source, table, meter, signal }));
    progress.ended(table, meter);
    written.push({ ...table, columns: [...table.columns], rows: meter.rows, bytes: meter.bytes, file });
  }
  return written;
}

interface TableWork {
  readonly source: StoreSource;
  readonly table: TableShape;
  readonly meter: Meter;
  readonly signal: AbortSignal | undefined;
}

async function writeTable(
  target: string,
  path: string,
  { source, table, meter, signal }: TableWork,
): Promise<BackupFile> {
  const seal = new Seal();
  const file = createWriteStream(target, { mode: 0o600, flags: 'wx', flush: true });
  const rows = await source.rows(table);
  await pipeline([rows, meter, createGzip({ level: 3 }), seal, file], signal === undefined ? {} : { signal });
  return { path, bytes: seal.bytes, sha256: seal.digest() };
}

/** The checksum of what passes to the disk. */
class Seal extends Transform {
  readonly #hash = createHash('sha256');
  bytes = 0;

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error: null, chunk: Buffer) => void,
  ): void {
    this.#hash.update(chunk);
    this.bytes += chunk.length;
    done(null, chunk);
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}

async function writeText(folder: string, path: string, text: string): Promise<BackupFile> {
  await writeFile(join(folder, path), text, { mode: 0o600, flag: 'wx', flush: true });
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { path, bytes: Buffer.byteLength(text), sha256 };
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function reportOf(directory: string, { createdAt, store, files }: BackupManifest): BackupReport {
  return {
    directory,
    createdAt,
    rows: store.tables.reduce((sum, { rows }) => sum + rows, 0),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    ends: store.ends,
    epoch: store.epoch.epoch,
  };
}
