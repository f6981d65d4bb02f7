import { z } from 'zod';
import {
  cadence,
  calmEveryMs,
  commonKeys,
  defaultEveryMs,
  file,
  hasNoPassword,
  milliseconds,
  percent,
  reference,
  withoutPassword,
} from './keys.ts';
import type { ProbeCommon } from './keys.ts';

export interface PostgresProbe extends ProbeCommon {
  readonly kind: 'postgres';
  /** `postgres://user@host:5432/database`, or the folder of a socket, `%2Frun%2Fpostgresql`, as the host. */
  readonly url: string;
  /** Where the password is, `env:NAME` or `file:/path`. Default: none. */
  readonly password?: string | undefined;
  /** `verify`: TLS, and a certificate that is trusted and for this host. Default `off`. */
  readonly tls: 'off' | 'verify';
  readonly caFile?: string | undefined;
  /** Percent of `max_connections` in use. Default 80. */
  readonly degradedPercent: number;
  /** Percent of `max_connections` in use. Default 95. */
  readonly unhealthyPercent: number;
  /** What it must be. Default: either will do. */
  readonly role?: 'primary' | 'standby' | undefined;
  /** Seconds a standby may lag before it is degraded. Default: not looked at. */
  readonly maxLagSeconds?: number | undefined;
  /** Milliseconds to the answer past which it is degraded. Default: never. */
  readonly slowMs?: number | undefined;
}

/** Keys of every service that is asked with a token. */
export interface ServiceCommon extends ProbeCommon {
  /** File that holds the token, where one account is not enough. Default: the plugin's secret of that service. */
  readonly tokenFile?: string | undefined;
  /** Where its API is, for those who host it themselves. */
  readonly baseUrl: string;
  /** Milliseconds to the first answer past which it is degraded. Default: never. */
  readonly slowMs?: number | undefined;
}

export interface VercelProbe extends ServiceCommon {
  readonly kind: 'vercel';
  /** Team whose deployments count. Default: those of the token's account. */
  readonly teamId?: string | undefined;
  /** Project, by id or name. Default: all. */
  readonly project?: string | undefined;
  /** Share of the finished deployments of 24 hours that may fail, 0 to 1. Default 0.1. */
  readonly maxErrorRate: number;
}

export interface SentryProbe extends ServiceCommon {
  readonly kind: 'sentry';
  /** The organization's slug. */
  readonly organization: string;
  /** Default `is:unresolved`. */
  readonly query: string;
  /** Issues above which it is degraded. Default 10. */
  readonly maxIssues: number;
}

export interface DopplerProbe extends ServiceCommon {
  readonly kind: 'doppler';
}

export interface SupabaseProbe extends ProbeCommon {
  readonly kind: 'supabase';
  /** `https://<ref>.supabase.co`. */
  readonly url: string;
  /** File that holds the project's API key. Default: the secret SUPABASE_ANON_KEY. */
  readonly tokenFile?: string | undefined;
  /** The project's ref. Default: the first label of the URL's host. */
  readonly ref?: string | undefined;
  /** Where the Management API is. */
  readonly baseUrl: string;
  readonly slowMs?: number | undefined;
}

export interface FlyProbe extends ServiceCommon {
  readonly kind: 'fly';
  readonly apps: readonly string[];
  /** Machines of each app that must be started. Default: all of them. */
  readonly atLeast?: number | undefined;
}

export type ServiceProbe = VercelProbe | SentryProbe | DopplerProbe | SupabaseProbe | FlyProbe;

const address = z
  .string()
  .refine(isSafeAddress, 'must be a URL that begins with https:// (http:// for this machine alone)');
const slug = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/, 'must be a name as the service writes it');

function serviceKeys(baseUrl: string) {
  return {
    ...commonKeys,
    everyMs: cadence(calmEveryMs),
    tokenFile: file.optional(),
    baseUrl: address.default(baseUrl),
    slowMs: milliseconds.optional(),
  };
}

export const postgresProbe = z
  .strictObject({
    kind: z.literal('postgres'),
    ...commonKeys,
    everyMs: cadence(defaultEveryMs),
    url: z
      .string()
      .refine(isPostgresAddress, 'must be postgres://user@host:port/database')
      .refine(hasNoPassword, withoutPassword),
    password: reference.optional(),
    tls: z.enum(['off', 'verify']).default('off'),
    caFile: file.optional(),
    degradedPercent: percent.default(80),
    unhealthyPercent: percent.default(95),
    role: z.enum(['primary', 'standby']).optional(),
    maxLagSeconds: z.number().positive().max(86_400).optional(),
    slowMs: milliseconds.optional(),
  })
  .refine((probe) => probe.degradedPercent <= probe.unhealthyPercent, {
    path: ['degradedPercent'],
    error: 'must not be above unhealthyPercent',
  });

export const vercelProbe = z.strictObject({
  kind: z.literal('vercel'),
  ...serviceKeys('https://api.vercel.com'),
  teamId: slug.optional(),
  project: slug.optional(),
  maxErrorRate: z.number().min(0).max(1).default(0.1),
});

export const sentryProbe = z.strictObject({
  kind: z.literal('sentry'),
  ...serviceKeys('https://sentry.io'),
  organization: slug,
  query: z.string().max(1_000).default('is:unresolved'),
  maxIssues: z.number().int().min(0).max(900).default(10),
});

export const dopplerProbe = z.strictObject({
  kind: z.literal('doppler'),
  ...serviceKeys('https://api.doppler.com'),
});

export const supabaseProbe = z.strictObject({
  kind: z.literal('supabase'),
  ...serviceKeys('https://api.supabase.com'),
  url: address,
  ref: slug.optional(),
});

export const flyProbe = z.strictObject({
  kind: z.literal('fly'),
  ...serviceKeys('https://api.machines.dev'),
  apps: z.array(slug).min(1).max(20),
  atLeast: z.number().int().min(1).max(1_000).optional(),
});

/** A token goes out in clear to this machine alone, and to Fly's own network, which is encrypted underneath. */
function isSafeAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  if (protocol === 'https:') return true;
  return protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost', '_api.internal'].includes(hostname);
}

function isPostgresAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, pathname } = new URL(text);
  return /^postgres(?:ql)?:$/.test(protocol) && hostname !== '' && username !== '' && pathname.length > 1;
}
