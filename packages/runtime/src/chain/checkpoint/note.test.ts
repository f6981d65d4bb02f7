import { createPrivateKey, createPublicKey } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NoteReader, originOf, readCheckpoint, signCheckpoint } from './form.ts';
import { judgeNote, openNote, parseVerifierKey, signNote, verifierKey } from './note.ts';
import type { NoteSigner } from './note.ts';

// The example of the reference implementation (golang.org/x/mod/sumdb/note).
const peterKey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const peterSeed = Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1);
const peterText =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const peterNote = `${peterText}\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;

function signerFrom(name: string, seed: Buffer): NoteSigner {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return { key: verifierKey(name, createPublicKey(privateKey)), privateKey };
}

const signer = signerFrom(originOf('default'), Buffer.alloc(32, 7));
const checkpoint = { size: 1_024, root: Buffer.alloc(32, 1), eventHash: Buffer.alloc(32, 2) };

test('the key and the note of the reference are made byte for byte', () => {
  const peter = signerFrom('PeterNeumann', peterSeed);
  expect(peter.key.text).toBe(peterKey);
  expect(parseVerifierKey(peterKey).id).toBe('c74f20a3');
  expect(signNote(peterText, peter)).toBe(peterNote);
});

test('the note of the reference is valid, and not after a single letter of it changed', () => {
  const pinned = [parseVerifierKey(peterKey)];
  const opened = (note: string) => openNote(note) ?? { text: '', signatures: [] };
  expect(judgeNote(opened(peterNote), pinned)).toBe('valid');
  expect(judgeNote(opened(peterNote.replace('crypto', 'Crypto')), pinned)).toBe('bad_signature');
  expect(judgeNote(opened(peterNote), [signer.key])).toBe('unknown_key');
});

test.each([
  'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==',
  'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  'PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  'Peter+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  '',
])('%j is no verifier key', (text) => {
  expect(() => parseVerifierKey(text)).toThrow(expect.objectContaining({ code: 'KORA_CHECKPOINT_KEY' }));
});

test('a checkpoint says origin, size, root and the last event’s hash, in the form of C2SP', () => {
  const note = signCheckpoint(checkpoint, signer);
  expect(note.split('\n').slice(0, 5)).toEqual([
    'kora/default',
    '1024',
    checkpoint.root.toString('base64'),
    `event ${checkpoint.eventHash.toString('base64')}`,
    '',
  ]);
  const read = readCheckpoint(note, originOf('default'), [signer.key]);
  expect(read).toEqual({ ...checkpoint, note, signedBy: signer.key.id, verdict: 'valid' });
  expect(readCheckpoint(note, originOf('other'), [signer.key])).toBeUndefined();
});

test('law: a note with one character changed is never valid', () => {
  const note = signCheckpoint(checkpoint, signer);
  fc.assert(
    fc.property(fc.nat({ max: note.length - 1 }), fc.string({ minLength: 1, maxLength: 1 }), (at, put) => {
      fc.pre(note[at] !== put);
      const changed = `${note.slice(0, at)}${put}${note.slice(at + 1)}`;
      expect(readCheckpoint(changed, originOf('default'), [signer.key])?.verdict).not.toBe('valid');
    }),
  );
});

test('law: of notes one after the other, with anything torn between them, every whole one is found', () => {
  const notes = [1, 2, 3].map((size) => signCheckpoint({ ...checkpoint, size }, signer));
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 200 }), { minLength: 3, maxLength: 3 }), (cuts) => {
      const file = notes.map((note, n) => `${note.slice(0, cuts[n])}\n\n${note}\n`).join('');
      const reader = new NoteReader();
      const found = file.split('\n').map((line) => reader.line(line));
      const whole = [...found, reader.end()].filter(
        (note) =>
          note !== undefined && readCheckpoint(note, originOf('default'), [signer.key])?.verdict === 'valid',
      );
      expect([...new Set(whole)]).toEqual(notes);
    }),
  );
});
