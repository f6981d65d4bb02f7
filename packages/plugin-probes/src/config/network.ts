import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isIP } from 'node:net';
import { z } from 'zod';
import { isBareSecret } from '../probes/reference.ts';
import {
  cadence,
  calmEveryMs,
  commonKeys,
  defaultEveryMs,
  file,
  hasNoPassword,
  host,
  isWebAddress,
  milliseconds,
  pattern,
  port,
  reference,
  withoutPassword,
} from './keys.ts';
import type { ProbeCommon } from './keys.ts';

export type StatusRange = number | string;

/** What one value of a JSON body must be. */
export interface JsonWish {
  /** `status`, `checks.db`, `items[0].state`. */
  readonly path: string;
  readonly equals?: string | number | boolean | null | undefined;
  readonly atLeast?: number | undefined;
  readonly atMost?: number | undefined;
}

export interface HttpProbe extends ProbeCommon {
  readonly kind: 'http';
  /** `http://` or `https://`; redirects are not followed. A user in it goes out as Basic auth, with `password`. */
  readonly url: string;
  /** Where the password is, `env:NAME` or `file:/path`. Default: none. */
  readonly password?: string | undefined;
  /** Default GET. */
  readonly method: (typeof methods)[number];
  /** Sent as it stands; its content type is a header. Default: none. */
  readonly body?: string | undefined;
  /** Good status codes: `200`, `"200-399"`, or a list of such. Default `"200-399"`. */
  readonly expectStatus: StatusRange | readonly StatusRange[];
  /** Text that the first 64 KiB of the body must have in them. Default: the body is not read. */
  readonly bodyIncludes?: string | undefined;
  /** RE2 pattern that the first 64 KiB of the body must match. */
  readonly bodyMatches?: string | undefined;
  /** Values that the body, as JSON of at most 64 KiB, must have. */
  readonly bodyJson?: readonly JsonWish[] | undefined;
  /** Milliseconds to the response's headers past which a good answer is degraded. Default: never. */
  readonly slowMs?: number | undefined;
  /** Days of validity below which a good certificate is degraded, 0 to switch it off. Default 14. */
  readonly certificateDays: number;
  /** PEM file with the certificates to trust instead of the system's. Default: the system's. */
  readonly caFile?: string | undefined;
  /** Request headers; the end of a value may say where it is, `Bearer env:NAME`. Their values are never shown. Default: none. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface TcpProbe extends ProbeCommon {
  readonly kind: 'tcp';
  /** Host name or address. */
  readonly host: string;
  /** 1 to 65 535. */
  readonly port: number;
  /** Milliseconds to the connection past which it is degraded. Default: never. */
  readonly slowMs?: number | undefined;
}

export interface TlsProbe extends ProbeCommon {
  readonly kind: 'tls';
  readonly host: string;
  /** Default 443. */
  readonly port: number;
  /** The name that the certificate must be for. Default: `host`. */
  readonly serverName?: string | undefined;
  /** Days of validity below which it is degraded. Default 14. */
  readonly certificateDays: number;
  readonly caFile?: string | undefined;
  /** Milliseconds to the end of the handshake past which it is degraded. Default: never. */
  readonly slowMs?: number | undefined;
}

export interface DnsProbe extends ProbeCommon {
  readonly kind: 'dns';
  /** The name that is looked up. */
  readonly host: string;
  /** Default A. */
  readonly record: (typeof records)[number];
  /** Address of the resolver, `9.9.9.9` or `[2620:fe::fe]:53`. Default: the system's. */
  readonly server?: string | undefined;
  /** Values that must be among the answers. Default: any answer will do. */
  readonly expect?: readonly string[] | undefined;
  readonly slowMs?: number | undefined;
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const records = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'SRV', 'TXT'] as const;

const statusCode = z.number().int().min(100).max(599);
const statusRange = z.union([
  statusCode,
  z.string().regex(/^[1-5]\d\d(-[1-5]\d\d)?$/, 'must be a status code or a range such as "200-299"'),
]);

const jsonWish = z
  .strictObject({
    path: z.string().min(1).max(200),
    equals: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional(),
    atLeast: z.number().optional(),
    atMost: z.number().optional(),
  })
  .refine(({ equals, atLeast, atMost }) => [equals, atLeast, atMost].some((each) => each !== undefined), {
    path: ['equals'],
    error: 'equals, atLeast or atMost is needed',
  });

export const httpProbe = z.strictObject({
  kind: z.literal('http'),
  ...commonKeys,
  everyMs: cadence(defaultEveryMs),
  url: z
    .string()
    .refine(isWebAddress, 'must be a URL that begins with http:// or https://')
    .refine(hasNoPassword, withoutPassword),
  password: reference.optional(),
  method: z.enum(methods).default('GET'),
  body: z.string().max(65_536).optional(),
  expectStatus: z.union([statusRange, z.array(statusRange).min(1)]).default('200-399'),
  bodyIncludes: z.string().min(1).max(65_536).optional(),
  bodyMatches: pattern.optional(),
  bodyJson: z.array(jsonWish).min(1).max(20).optional(),
  slowMs: milliseconds.optional(),
  certificateDays: z.number().min(0).max(3_650).default(14),
  caFile: file.optional(),
  headers: z
    .record(z.string(), z.string())
    .refine(areHeaders, 'has a header name or value that HTTP does not allow')
    .superRefine((headers, issues) => {
      for (const [name, value] of Object.entries(headers))
        if (isBareSecret(name, value))
          issues.addIssue({
            code: 'custom',
            path: [name],
            message: 'must end in where the secret is, such as "Bearer env:NAME" or "file:/path"',
          });
    })
    .default({}),
});

export const tcpProbe = z.strictObject({
  kind: z.literal('tcp'),
  ...commonKeys,
  everyMs: cadence(defaultEveryMs),
  host,
  port,
  slowMs: milliseconds.optional(),
});

export const tlsProbe = z.strictObject({
  kind: z.literal('tls'),
  ...commonKeys,
  everyMs: cadence(defaultEveryMs),
  host,
  port: port.default(443),
  serverName: host.optional(),
  certificateDays: z.number().min(0).max(3_650).default(14),
  caFile: file.optional(),
  slowMs: milliseconds.optional(),
});

export const dnsProbe = z.strictObject({
  kind: z.literal('dns'),
  ...commonKeys,
  everyMs: cadence(calmEveryMs),
  host,
  record: z.enum(records).default('A'),
  server: z.string().refine(isServer, 'must be an address, with a port behind it or without').optional(),
  expect: z.array(z.string().min(1).max(1_000)).min(1).max(20).optional(),
  slowMs: milliseconds.optional(),
});

function areHeaders(headers: Readonly<Record<string, string>>): boolean {
  try {
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    return true;
  } catch {
    // Node's own message names the header and may quote the value, which can be a secret.
    return false;
  }
}

function isServer(text: string): boolean {
  if (isIP(text) !== 0) return true;
  const [, six, four] = /^(?:\[([^\]]+)\]|([\d.]+)):\d{1,5}$/.exec(text) ?? [];
  return isIP(six ?? four ?? '') !== 0;
}
