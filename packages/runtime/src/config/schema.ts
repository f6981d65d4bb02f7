import { z } from 'zod';
import { alertsSchema } from './alerts.ts';
import { artifactsSchema } from './artifacts.ts';
import { chainSchema } from './chain.ts';
import { spendSchema } from './spend.ts';
import { healthSchema } from './health.ts';
import { inboundSchema } from './inbound.ts';
import { messagesSchema } from './messages.ts';
import { reasonSchema } from './reason.ts';
import { tasksSchema } from './tasks.ts';
import { ticketsSchema } from './tickets.ts';
import { toolsSchema } from './tools.ts';

/** Left out, the URL's `sslmode` says it; no word at all is no encryption. */
const tlsSchema = z.strictObject({
  mode: z.enum(['disable', 'require', 'verify-ca', 'verify-full']).default('verify-full'),
  /** PEM files. The authorities to trust instead of the public ones; this runtime's certificate and key. */
  caFile: z.string().min(1).optional(),
  certFile: z.string().min(1).optional(),
  keyFile: z.string().min(1).optional(),
  /** The name in the server's certificate, where it is not the host of the URL. */
  serverName: z.string().min(1).optional(),
});

/**
 * The configuration: strict, so that a misspelt key is an error and not a default. Every key has a default; a home with
 * no file at all is complete.
 */
export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  /** Which workspace of the store this runtime serves. */
  workspace: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes, beginning with a letter')
    .default('default'),
  store: z
    .strictObject({
      /** A PostgreSQL URL, or `env:NAME` or `file:/path` that holds one. Left out: the embedded PostgreSQL. */
      url: z.string().min(1).optional(),
      /** The same database under the role that owns the schema, for migrations alone; said as `url` is. */
      migrationUrl: z.string().min(1).optional(),
      /** Statements at once. Three more connections come on top: for notifications, for keeping leases alive, and for migrations. */
      connections: z.number().int().min(2).max(100).default(10),
      /** A statement that takes longer is ended. */
      statementTimeoutMs: z.number().int().min(100).max(3_600_000).default(60_000),
      /** A statement that waits longer for a lock is ended. */
      lockTimeoutMs: z.number().int().min(100).max(3_600_000).default(20_000),
      tls: tlsSchema.optional(),
    })
    .prefault({}),
  chain: chainSchema,
  health: healthSchema,
  alerts: alertsSchema,
  messages: messagesSchema,
  http: z
    .strictObject({
      /** Loopback only, until TLS or a trusted proxy can be configured. */
      host: z.enum(['127.0.0.1', '::1', 'localhost']).default('127.0.0.1'),
      /** 0 asks the system for a free port. */
      port: z.number().int().min(0).max(65_535).default(9_119),
      /** Where the pages of untrusted plugins are served, once one brings any; 0 asks the system for a free port. */
      guestPort: z.number().int().min(0).max(65_535).default(0),
    })
    .prefault({}),
  plugins: z
    .strictObject({
      /** `all`: installing is enabling. `allowlist`: only what `allow` names. */
      mode: z.enum(['all', 'allowlist']).default('all'),
      allow: z.array(z.string()).default([]),
      /** Never loaded, whatever else names them. */
      deny: z.array(z.string()).default([]),
      /** These run in this process and may be fatal, like the bundled ones. */
      trusted: z.array(z.string()).default([]),
      /** What is installed, removed or upgraded while the runtime runs is followed; `kora plugin sync` asks for it at once. */
      watch: z.boolean().default(true),
      /** Each plugin's own block, by its id; the plugin's schema checks it. */
      config: z.record(z.string(), z.unknown()).default({}),
    })
    .prefault({}),
  identity: z
    .strictObject({
      /** Providers in the order they are asked; decides when two claim the workspace. */
      order: z.array(z.string()).default([]),
    })
    .prefault({}),
  spend: spendSchema,
  reason: reasonSchema,
  tasks: tasksSchema,
  tickets: ticketsSchema,
  tools: toolsSchema,
  artifacts: artifactsSchema,
  inbound: inboundSchema,
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
});

export type Configuration = z.infer<typeof configSchema>;
