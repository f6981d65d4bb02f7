import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { EmergencyRecord } from './contract.ts';
import { emergencyFile } from './emergency-line.ts';

const recordSchema = z.object({
  id: z.uuid(),
  what: z.enum(['store', 'sealer', 'main_thread', 'watchdog', 'exit', 'keeper']),
  detail: z.string(),
  at: z.string(),
  pid: z.int(),
});
const lineSchema = z.union([recordSchema, z.object({ recorded: z.array(z.string()) })]);

/** More than this is cut back at a start to what the chain does not have yet, and of that the newest. */
const longestBytes = 256 * 1_024;
const keepUnrecorded = 200;

/** What was told and is not on the chain yet, oldest first. Half a line, left by a process that died in it, is skipped. */
export function readUnrecorded(home: string): EmergencyRecord[] {
  const text = readText(join(home, emergencyFile));
  const open = new Map<string, EmergencyRecord>();
  for (const line of text.split('\n').flatMap(parsedLine)) {
    if ('id' in line) open.set(line.id, line);
    else for (const id of line.recorded) open.delete(id);
  }
  const unrecorded = [...open.values()].slice(-keepUnrecorded);
  if (text.length > longestBytes) rewrite(join(home, emergencyFile), unrecorded);
  return unrecorded;
}

function parsedLine(line: string): z.infer<typeof lineSchema>[] {
  try {
    const parsed = lineSchema.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // not there, or not readable: what it held is not worth a start
  }
}

function rewrite(file: string, records: readonly EmergencyRecord[]): void {
  const aside = `${file}.${process.pid}.tmp`;
  writeFileSync(aside, records.map((record) => `${JSON.stringify(record)}\n`).join(''), { mode: 0o600 });
  renameSync(aside, file);
}
