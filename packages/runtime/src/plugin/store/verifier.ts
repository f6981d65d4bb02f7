import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

const iterations = 4_096;

/** What nobody guesses: 24 random bytes in letters and digits that no URL has to escape. */
export function newPassword(): string {
  return randomBytes(24).toString('base64url');
}

/** What a server keeps of a password (RFC 5803): the password itself is in no statement, and in no log of them. */
export function verifierOf(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const key = (name: string): Buffer => createHmac('sha256', salted).update(name).digest();
  const stored = createHash('sha256').update(key('Client Key')).digest('base64');
  const keys = `${stored}:${key('Server Key').toString('base64')}`;
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${keys}`;
}
