import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a claim token names: one claim of one ticket, in one session. */
export interface NamedClaim {
  readonly ticketId: number;
  readonly fence: number;
  readonly sessionId: string;
}

/** Whom a claim token is made for: in other hands, or in another workspace, it names nothing. */
export interface TokenHolder {
  readonly workspaceId: number;
  readonly actorId: string;
}

const mark = Buffer.from('K1');
const macAt = 34;
const length = 66;
/** 66 bytes in base64url: no bit of the text is left over that could be changed unseen. */
export const claimTokenPattern = /^[\w-]{88}$/;

/** An opaque word for a claim: whoever shows it holds the claim, or held it. */
export function makeClaimToken(secret: Buffer, holder: TokenHolder, claim: NamedClaim): string {
  const named = Buffer.alloc(macAt);
  mark.copy(named);
  named.writeBigUInt64BE(BigInt(claim.ticketId), 2);
  named.writeBigUInt64BE(BigInt(claim.fence), 10);
  named.write(claim.sessionId.replaceAll('-', ''), 18, 'hex');
  return Buffer.concat([named, macOf(secret, holder, named)]).toString('base64url');
}

/** The claim that a token names; undefined for anything that was not made with this secret for this holder. */
export function readClaimToken(secret: Buffer, holder: TokenHolder, token: string): NamedClaim | undefined {
  if (!claimTokenPattern.test(token)) return undefined;
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== length) return undefined;
  const named = bytes.subarray(0, macAt);
  if (!timingSafeEqual(bytes.subarray(macAt), macOf(secret, holder, named))) return undefined;
  return {
    ticketId: Number(named.readBigUInt64BE(2)),
    fence: Number(named.readBigUInt64BE(10)),
    sessionId: uuidOf(named.toString('hex', 18)),
  };
}

function macOf(secret: Buffer, { workspaceId, actorId }: TokenHolder, named: Buffer): Buffer {
  return createHmac('sha256', secret).update(named).update(`${workspaceId}:${actorId}`).digest();
}

function uuidOf(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
