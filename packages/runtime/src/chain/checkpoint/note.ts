import { createPublicKey, hash, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { fault } from '../../fault/index.ts';

/** A public key as signed notes name it. */
export interface VerifierKey {
  /** Whose key: for a checkpoint the log's origin. */
  readonly name: string;
  /** Eight hex digits of a hash over name and key. */
  readonly id: string;
  readonly publicKey: KeyObject;
  /** `name+id+base64`: what people pin. */
  readonly text: string;
}

export interface NoteSigner {
  readonly key: VerifierKey;
  readonly privateKey: KeyObject;
}

interface Signature {
  readonly name: string;
  readonly keyId: string;
  readonly bytes: Buffer;
}

export interface Note {
  /** What was signed, its final newline with it. */
  readonly text: string;
  readonly signatures: readonly Signature[];
}

/** `unknown_key`: nobody whose key is pinned signed it, so it proves nothing and denies nothing. */
export type NoteVerdict = 'valid' | 'bad_signature' | 'unknown_key';

const ed25519 = 1;
const idBytes = 4;
const namePattern = /^[^\s+]+$/u;
const signatureLine = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]{91}=)$/u;

/** The verifier key of a name (C2SP signed-note). Throws KORA_CHECKPOINT_KEY when the key is not Ed25519. */
export function verifierKey(name: string, publicKey: KeyObject): VerifierKey {
  if (publicKey.asymmetricKeyType !== 'ed25519' || !namePattern.test(name)) {
    throw fault('KORA_CHECKPOINT_KEY', `the key of ${name} is ${publicKey.asymmetricKeyType}, not Ed25519`, {
      fix: 'openssl genpkey -algorithm ed25519',
    });
  }
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const typed = Buffer.concat([Buffer.from([ed25519]), raw]);
  const id = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typed]), 'buffer')
    .subarray(0, idBytes)
    .toString('hex');
  return { name, id, publicKey, text: `${name}+${id}+${typed.toString('base64')}` };
}

/** Reads a verifier key from its text. Throws KORA_CHECKPOINT_KEY when any part of it does not fit the others. */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name = '', , encoded = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/u.exec(text) ?? [];
  const typed = Buffer.from(encoded, 'base64');
  if (typed.length === 33 && typed[0] === ed25519) {
    const x = typed.subarray(1).toString('base64url');
    const key = verifierKey(name, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }));
    if (key.text === text) return key;
  }
  throw fault('KORA_CHECKPOINT_KEY', `"${text}" is not a verifier key (name+id+base64)`, {
    fix: 'copy the whole line from keys/checkpoint-<workspace>.pub of the home that signs',
  });
}

/** Signs a text that ends in a newline: the text, an empty line, one signature line. */
export function signNote(text: string, { key, privateKey }: NoteSigner): string {
  const signature = Buffer.concat([Buffer.from(key.id, 'hex'), sign(null, Buffer.from(text), privateKey)]);
  return `${text}\n\u2014 ${key.name} ${signature.toString('base64')}\n`;
}

/** Takes a note apart; undefined for what is no signed note, such as one that was torn while it was written. */
export function openNote(note: string): Note | undefined {
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) return undefined;
  const lines = note.slice(end + 2, -1).split('\n');
  const signatures = lines.flatMap((line) => {
    const [, name = '', encoded] = signatureLine.exec(line) ?? [];
    if (encoded === undefined) return [];
    const bytes = Buffer.from(encoded, 'base64');
    // One signature has one text: no digit that says nothing may differ.
    if (bytes.toString('base64') !== encoded) return [];
    return [{ name, keyId: bytes.toString('hex', 0, idBytes), bytes: bytes.subarray(idBytes) }];
  });
  if (signatures.length === 0 || signatures.length !== lines.length) return undefined;
  return { text: note.slice(0, end + 1), signatures };
}

/** What the pinned keys say of a note: one false signature of a known key spoils it. */
export function judgeNote({ text, signatures }: Note, pinned: readonly VerifierKey[]): NoteVerdict {
  const verdicts = signatures.flatMap(({ name, keyId, bytes }) => {
    const key = pinned.find((known) => known.name === name && known.id === keyId);
    return key === undefined ? [] : [verify(null, Buffer.from(text), key.publicKey, bytes)];
  });
  if (verdicts.length === 0) return 'unknown_key';
  return verdicts.every(Boolean) ? 'valid' : 'bad_signature';
}
