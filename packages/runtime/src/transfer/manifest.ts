import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

const table = z.object({
  schema: z.string(),
  name: z.string(),
  columns: z.array(z.string()),
  rows: z.int().min(0),
  /** Of the text, before it was packed. */
  bytes: z.int().min(0),
  file: z.string(),
});

const end = z.object({
  workspaceId: z.int(),
  workspace: z.string(),
  seq: z.int().min(0),
  hash: z.string(),
});

/** A path inside the backup: relative, and never out of it. */
const path = z
  .string()
  .regex(/^[^/\0][^\0]*$/)
  .refine((text) => !text.split('/').includes('..'));

/** `manifest.json` of a backup; written last, so that a backup which has one is complete. */
export const manifestSchema = z.object({
  format: z.literal('kora-backup'),
  version: z.literal(1),
  createdAt: z.string(),
  /** Version of Kora that made it. */
  build: z.string(),
  store: z.object({
    description: z.string(),
    server: z.string(),
    epoch: z.object({ storeId: z.string(), epoch: z.int() }),
    ends: z.array(end),
    tables: z.array(table),
    partitions: z.array(z.int().min(0)),
    ticketPartitions: z.array(z.int().min(0)).default([]),
    sequences: z.array(
      z.object({ schema: z.string(), name: z.string(), last: z.string(), isCalled: z.boolean() }),
    ),
  }),
  /** Every file but the manifest itself. */
  files: z.array(z.object({ path, bytes: z.int().min(0), sha256: z.string() })),
});

export type BackupManifest = z.infer<typeof manifestSchema>;
export type BackupFile = BackupManifest['files'][number];

export const ledgerSchema = z.array(
  z.object({
    owner: z.string(),
    number: z.int(),
    name: z.string(),
    safety: z.enum(['safe', 'breaking']),
    checksum: z.string(),
    build: z.string(),
    sql: z.string(),
  }),
);

export const backupFiles = {
  manifest: 'manifest.json',
  ledger: 'migrations.json',
  readme: 'README.md',
  home: 'home',
  store: 'store',
} as const;

export async function sha256Of(file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(createReadStream(file), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  });
  return { bytes, sha256: hash.digest('hex') };
}
