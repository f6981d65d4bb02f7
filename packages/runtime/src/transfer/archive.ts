import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { fault, messageOf } from '../fault/index.ts';
import type { StoreSource } from './contract.ts';
import { backupFiles, ledgerSchema, manifestSchema, sha256Of } from './manifest.ts';
import type { BackupManifest } from './manifest.ts';
import { nameOf } from './meter.ts';

export interface Backup {
  readonly directory: string;
  readonly manifest: BackupManifest;
  readonly source: StoreSource;
}

/** Opens a backup and proves every file against its checksum. Throws KORA_BACKUP_INVALID naming the file. */
export async function openBackup(directory: string, onProgress: (line: string) => void): Promise<Backup> {
  const manifest = await readJson(directory, backupFiles.manifest, manifestSchema);
  let proved = 0;
  for (const { path, bytes, sha256 } of manifest.files) {
    const file = join(directory, path);
    const found = await sha256Of(file).catch((cause: unknown) => {
      throw invalid(directory, `${path} cannot be read: ${messageOf(cause)}`);
    });
    if (found.bytes !== bytes)
      throw invalid(directory, `${path} has ${found.bytes} bytes instead of ${bytes}`);
    if (found.sha256 !== sha256) throw invalid(directory, `${path} was changed: its checksum differs`);
    proved += bytes;
  }
  onProgress(`${manifest.files.length} files, ${(proved / 1_000_000).toFixed(1)} MB: every checksum holds`);
  const ledger = await readJson(directory, backupFiles.ledger, ledgerSchema);
  return { directory, manifest, source: sourceOf(directory, manifest, ledger) };
}

function sourceOf(
  directory: string,
  { store, createdAt }: BackupManifest,
  ledger: z.infer<typeof ledgerSchema>,
): StoreSource {
  const files = new Map(store.tables.map((table) => [nameOf(table), table.file]));
  return {
    description: `the backup of ${createdAt}`,
    contents: { ...store, ledger, bytes: store.tables.reduce((sum, { bytes }) => sum + bytes, 0) },
    rows: (table) => {
      const packed = createReadStream(join(directory, files.get(nameOf(table)) ?? ''));
      const plain = createGunzip();
      packed.on('error', (error) => plain.destroy(error));
      return Promise.resolve(packed.pipe(plain));
    },
    sequences: () => Promise.resolve(store.sequences),
  };
}

async function readJson<T extends z.ZodType>(
  directory: string,
  name: string,
  schema: T,
): Promise<z.infer<T>> {
  const file = join(directory, name);
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (!isThere)
    throw invalid(directory, `there is no ${name}: it is no backup, or one that never became complete`);
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    const words = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause);
    throw invalid(directory, `${name}: ${words}`);
  }
}

function invalid(directory: string, problem: string): Error {
  return fault('KORA_BACKUP_INVALID', `${directory}: ${problem}`, {
    fix: 'kora restore <another backup>',
    details: { directory },
  });
}
