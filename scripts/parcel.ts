// Weighs parcels: publint, attw and our own questions. Without arguments it packs the package in the current folder and
// weighs that; with the folder that `changeset pack` has filled, it weighs each of those, and how they fit each other.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { complaints, opened, pack, strains, type Parcel } from './pack.ts';

const [packed] = process.argv.slice(2);
const into = mkdtempSync(join(tmpdir(), 'kora-parcel-'));
try {
  const parcels = packed === undefined ? [pack(process.cwd(), into)] : tarballsIn(packed);
  let wrong = 0;
  for (const parcel of parcels) {
    const found = [...complaints(parcel), ...(await lint(parcel)), ...typesWrong(parcel)];
    for (const line of found) console.error(`${parcel.manifest.name}: ${line}`);
    wrong += found.length;
    if (packed !== undefined && found.length === 0)
      console.log(
        `${parcel.manifest.name} ${parcel.manifest.version}: ${parcel.files.length} files, nothing wrong`,
      );
  }
  const strained = packed === undefined ? [] : strains(parcels);
  for (const line of strained) console.error(line);
  if (wrong + strained.length > 0) process.exitCode = 1;
} finally {
  rmSync(into, { recursive: true, force: true });
}

function tarballsIn(folder: string): Parcel[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tgz'))
    .map((name) => opened(join(folder, name)));
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
