import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fault, messageOf } from '../../fault/index.ts';
import { originOf } from './form.ts';
import { parseVerifierKey, verifierKey } from './note.ts';
import type { NoteSigner, VerifierKey } from './note.ts';

export interface CheckpointKeys {
  /** Undefined on a runtime that has no key: it seals and does not sign. */
  readonly signer: NoteSigner | undefined;
  /** Every key whose checkpoints count, those of earlier signers too. */
  readonly pinned: readonly VerifierKey[];
}

export interface OpenKeys {
  /** Where the home keeps keys. */
  readonly directory: string;
  readonly workspace: string;
  /** The key that the configuration names, as PEM, already read from its reference. */
  readonly configured: string | undefined;
  /** Verifier keys that the configuration pins. */
  readonly publicKeys: readonly string[];
  /** Whether a key of the home's own may be used, and made: only where no other home shares the store. */
  readonly own: boolean;
}

/** Reads the keys of a workspace, making the home's own where it may. Throws KORA_CHECKPOINT_KEY naming the bad one. */
export async function openCheckpointKeys(options: OpenKeys): Promise<CheckpointKeys> {
  const { directory, workspace, configured, publicKeys, own } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const pem = configured ?? (own ? await ownKey(keyFile(directory, workspace)) : undefined);
  const signer = pem === undefined ? undefined : signerOf(pem, workspace);
  const pins = join(directory, `checkpoint-${workspace}.pub`);
  const known = ((await readIfThere(pins)) ?? '').split('\n').filter((line) => line !== '');
  if (signer !== undefined && !known.includes(signer.key.text)) {
    // Kept for good: what this home once signed stays provable after the key is changed.
    await appendFile(pins, `${signer.key.text}\n`, { mode: 0o600, flush: true });
    known.push(signer.key.text);
  }
  return { signer, pinned: [...new Set([...known, ...publicKeys])].map(parseVerifierKey) };
}

function keyFile(directory: string, workspace: string): string {
  return join(directory, `checkpoint-${workspace}.pem`);
}

async function ownKey(file: string): Promise<string> {
  const there = await readIfThere(file);
  if (there !== undefined) return there;
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const aside = `${file}.new`;
  await writeFile(aside, pem, { mode: 0o600, flush: true });
  await rename(aside, file);
  return pem;
}

function signerOf(pem: string, workspace: string): NoteSigner {
  const privateKey = readPrivateKey(pem, workspace);
  return { key: verifierKey(originOf(workspace), createPublicKey(privateKey)), privateKey };
}

function readPrivateKey(pem: string, workspace: string): KeyObject {
  try {
    // A variable of the environment cannot hold line breaks everywhere, so they may be written.
    return createPrivateKey(pem.replaceAll('\\n', '\n'));
  } catch (cause) {
    throw fault(
      'KORA_CHECKPOINT_KEY',
      `the checkpoint key of ${workspace} cannot be read: ${messageOf(cause)}`,
      {
        fix: 'openssl genpkey -algorithm ed25519 -out key.pem, and name it in chain.checkpoint.key',
        cause,
      },
    );
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw fault('KORA_CHECKPOINT_KEY', `${file} cannot be read: ${messageOf(cause)}`, {
      fix: `chmod u+r ${file}, or run as its owner`,
      details: { file },
      cause,
    });
  }
}
