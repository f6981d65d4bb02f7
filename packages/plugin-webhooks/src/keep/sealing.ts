import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { KoraError } from '@kora/runtime/plugin';

const saltBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = saltBytes + nonceBytes + tagBytes;

/**
 * Seals a body under a key that is made of a secret of the operator's, which is in no table: a copy of the database alone
 * does not tell it. `belongsTo` is what it is bound to: a body that was moved to another row does not open.
 */
export function seal(body: Uint8Array, secret: string, belongsTo: string): Buffer {
  const salt = randomBytes(saltBytes);
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret, salt), nonce).setAAD(Buffer.from(belongsTo));
  const sealed = Buffer.concat([cipher.update(body), cipher.final()]);
  return Buffer.concat([salt, nonce, cipher.getAuthTag(), sealed]);
}

/** Opens it with whichever of the secrets sealed it. Throws PLUGIN_WEBHOOKS_SEALED when none of them did. */
export function unseal(sealed: Uint8Array, secrets: readonly string[], belongsTo: string): Buffer {
  const bytes = Buffer.from(sealed);
  for (const secret of secrets) {
    const opened = openedWith(bytes, secret, belongsTo);
    if (opened !== undefined) return opened;
  }
  throw new KoraError(
    'PLUGIN_WEBHOOKS_SEALED',
    'its body cannot be opened: the secret that sealed it is gone',
    {
      fix: 'say the secret it was sealed with again, or drop it; SEAL_KEY keeps bodies readable when other secrets change',
    },
  );
}

function openedWith(bytes: Buffer, secret: string, belongsTo: string): Buffer | undefined {
  if (bytes.length < headBytes) return undefined;
  const salt = bytes.subarray(0, saltBytes);
  const nonce = bytes.subarray(saltBytes, saltBytes + nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', keyOf(secret, salt), nonce, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(belongsTo));
  try {
    decipher.setAuthTag(bytes.subarray(saltBytes + nonceBytes, headBytes));
    return Buffer.concat([decipher.update(bytes.subarray(headBytes)), decipher.final()]);
  } catch {
    return undefined; // not with this one
  }
}

function keyOf(secret: string, salt: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, 'kora:webhooks:body', 32));
}

/** A `bytea` as the store answers it. */
export function bytesOf(text: unknown): Buffer | undefined {
  return typeof text === 'string' && text.startsWith('\\x') ? Buffer.from(text.slice(2), 'hex') : undefined;
}
