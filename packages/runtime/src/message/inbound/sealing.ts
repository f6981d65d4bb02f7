import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { fault } from '../../fault/index.ts';

/** Seals what nobody could read, under a key that the home keeps: a copy of the database alone does not tell it. */
export class Sealing {
  readonly #key: Buffer;
  readonly #id: Buffer;

  /** `key`: 32 bytes. */
  constructor(key: Buffer) {
    this.#key = key;
    this.#id = createHash('sha256').update(key).digest().subarray(0, idBytes);
  }

  seal(raw: Uint8Array): Buffer {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    const sealed = Buffer.concat([cipher.update(raw), cipher.final()]);
    return Buffer.concat([this.#id, nonce, cipher.getAuthTag(), sealed]);
  }

  /** Throws KORA_INBOUND_SEALED for what another home sealed, or what was changed since. */
  open(sealed: Buffer): Buffer {
    if (!sealed.subarray(0, idBytes).equals(this.#id)) throw elsewhere('another home sealed it');
    const nonce = sealed.subarray(idBytes, idBytes + nonceBytes);
    const tag = sealed.subarray(idBytes + nonceBytes, headBytes);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce);
    decipher.setAuthTag(tag);
    try {
      return Buffer.concat([decipher.update(sealed.subarray(headBytes)), decipher.final()]);
    } catch (cause) {
      throw elsewhere('it was changed since it was sealed', cause);
    }
  }
}

const idBytes = 8;
const nonceBytes = 12;
const headBytes = idBytes + nonceBytes + 16;

function elsewhere(why: string, cause?: unknown): Error {
  return fault('KORA_INBOUND_SEALED', `what is in quarantine cannot be opened here: ${why}`, {
    fix: 'ask the runtime whose home sealed it',
    ...(cause === undefined ? {} : { cause }),
  });
}
