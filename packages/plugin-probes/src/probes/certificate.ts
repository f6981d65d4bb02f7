import type { CertificateFacts } from './connect.ts';

const dayMs = 86_400_000;
const selfSigned = ['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'];

/** Codes of OpenSSL and Node for a certificate that is not trusted: https://nodejs.org/api/tls.html, "X509 certificate error codes". */
export const certificateCodes: ReadonlySet<string> = new Set([
  ...selfSigned,
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_SIGNATURE_FAILURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Whole days that are surely left; negative once it is over. */
export function daysUntil(validTo: string | null, now: number): number | null {
  return validTo === null ? null : Math.floor((Date.parse(validTo) - now) / dayMs);
}

/** Why a certificate is not trusted, as the end of a sentence. */
export function distrustWords({ objection, validTo }: CertificateFacts): string {
  const code = objection ?? 'unknown';
  if (code === 'CERT_HAS_EXPIRED')
    return `certificate expired on ${validTo?.slice(0, 10) ?? 'an unknown date'}`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'certificate is for another host name';
  if (selfSigned.includes(code)) return `certificate is self-signed and not trusted (${code})`;
  return `certificate is not trusted (${code})`;
}

/** `certificate expires in 5 days, on 2026-12-01`. */
export function expiryWords(daysLeft: number, validTo: string | null): string {
  const until = validTo?.slice(0, 10) ?? 'an unknown date';
  return `certificate expires in ${daysLeft} ${daysLeft === 1 ? 'day' : 'days'}, on ${until}`;
}
