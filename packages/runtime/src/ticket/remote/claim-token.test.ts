import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { claimTokenPattern, makeClaimToken, readClaimToken } from './claim-token.ts';

const secret = randomBytes(32);
const holder = { workspaceId: 1, actorId: 'worker:mail' };
const claims = fc.record({
  ticketId: fc.nat(Number.MAX_SAFE_INTEGER),
  fence: fc.nat(Number.MAX_SAFE_INTEGER),
  sessionId: fc.uuid(),
});

test('a token names the claim that it was made of', () => {
  fc.assert(
    fc.property(claims, (claim) => {
      const token = makeClaimToken(secret, holder, claim);
      expect(token).toMatch(claimTokenPattern);
      expect(readClaimToken(secret, holder, token)).toEqual(claim);
    }),
  );
});

test('a token with any one character changed names nothing', () => {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  fc.assert(
    fc.property(claims, fc.nat(87), fc.integer({ min: 1, max: 63 }), (claim, at, by) => {
      const token = makeClaimToken(secret, holder, claim);
      const letter = letters[(letters.indexOf(token[at] ?? '') + by) % 64] ?? '';
      const changed = token.slice(0, at) + letter + token.slice(at + 1);
      expect(changed).not.toBe(token);
      expect(readClaimToken(secret, holder, changed)).toBeUndefined();
    }),
    { numRuns: 1_000 },
  );
});

test('a token is worth nothing to another worker, in another workspace, or with another key', () => {
  fc.assert(
    fc.property(claims, (claim) => {
      const token = makeClaimToken(secret, holder, claim);
      expect(readClaimToken(secret, { ...holder, actorId: 'worker:other' }, token)).toBeUndefined();
      expect(readClaimToken(secret, { ...holder, workspaceId: 2 }, token)).toBeUndefined();
      expect(readClaimToken(randomBytes(32), holder, token)).toBeUndefined();
    }),
  );
});

test('what was never a token names nothing', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ minLength: 88, maxLength: 88 })), (text) => {
      expect(readClaimToken(secret, holder, text)).toBeUndefined();
    }),
  );
});
