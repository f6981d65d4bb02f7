// Weighs the parcel of the package in the current folder: packs it, then publint, attw and our own questions.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { complaints, pack, type Parcel } from './pack.ts';

const folder = process.cwd();
const into = mkdtempSync(join(tmpdir(), 'kora-parcel-'));
try {
  const parcel = pack(folder, into);
  const found = [...complaints(parcel), ...(await lint(parcel)), ...typesWrong(parcel)];
  for (const line of found) console.error(`${parcel.manifest.name}: ${line}`);
  if (found.length > 0) process.exitCode = 1;
} finally {
  rmSync(into, { recursive: true, force: true });
}

async function lint(parcel: Parcel): Promise<string[]> {
  const bytes = readFileSync(parcel.tarball);
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages, pkg } = await publint({ strict: true, pack: { tarball } });
  return messages.map(
    (message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`,
  );
}

/** Would TypeScript resolve every door in a stranger's project? ESM only, by decision: no CommonJS build exists. */
function typesWrong(parcel: Parcel): string[] {
  try {
    execFileSync('attw', [parcel.tarball, '--profile', 'esm-only', '--no-color', '--no-emoji'], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return [];
  } catch (error) {
    return [`attw: ${String((error as { stdout?: string }).stdout)}`];
  }
}
