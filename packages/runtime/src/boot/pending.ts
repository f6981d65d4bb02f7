import { appendFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { homeFiles, writeAtomic } from '../home/index.ts';
import type { GateReport } from './gate.ts';

const gateSchema = z.custom<GateReport>((value) => typeof value === 'object' && value !== null);

const pendingSchema = z.object({
  key: z.uuid(),
  workspace: z.string(),
  version: z.string(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  outcome: z.enum(['passed', 'paused', 'failed', 'refused', 'interrupted']),
  elapsedMs: z.number(),
  gates: z.array(gateSchema),
  failedGate: z.string().nullable(),
  detail: z.string().nullable(),
  exitCode: z.number().nullable(),
});

/** A boot that has no row yet, as the home keeps it. */
export type PendingBoot = z.infer<typeof pendingSchema>;

/** Boots that no database could record are kept up to this many, the newest. */
const mostKept = 200;

/**
 * Writes a boot down in the home, before there is a store to write to and again when it ends without one: the last word
 * of a key counts. Only the holder of the home's lock calls this.
 */
export async function keepPending(home: string, boot: PendingBoot): Promise<void> {
  await appendFile(fileOf(home), `${JSON.stringify(boot)}\n`, { mode: 0o600, flush: true });
}

/** The boots of a workspace that still have no row, oldest first. A line that is no boot, as a crash leaves one, is skipped. */
export async function readPending(home: string, workspace: string): Promise<PendingBoot[]> {
  return (await readAll(home)).filter((boot) => boot.workspace === workspace);
}

/** Forgets those that have a row now. */
export async function forgetPending(home: string, keys: ReadonlySet<string>): Promise<void> {
  const left = (await readAll(home)).filter(({ key }) => !keys.has(key)).slice(-mostKept);
  if (left.length === 0) return rm(fileOf(home), { force: true });
  await writeAtomic(fileOf(home), left.map((boot) => `${JSON.stringify(boot)}\n`).join(''));
}

async function readAll(home: string): Promise<PendingBoot[]> {
  const text = await readFile(fileOf(home), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  });
  const byKey = new Map<string, PendingBoot>();
  for (const line of text.split('\n')) {
    const boot = pendingSchema.safeParse(parsed(line));
    if (boot.success) byKey.set(boot.data.key, boot.data);
  }
  return [...byKey.values()];
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function fileOf(home: string): string {
  return join(home, homeFiles.boots);
}
