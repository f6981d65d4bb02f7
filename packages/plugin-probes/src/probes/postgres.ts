import { Socket } from 'node:net';
import type { ProbeSnapshot } from '@kora/runtime/plugin';
import pg from 'pg';
import type { PostgresProbe } from '../config.ts';
import { readCa } from './ca-file.ts';
import { look, millisecondsSince } from './look.ts';
import type { Look, LookClock } from './look.ts';
import { postgresAddress } from './postgres-address.ts';
import { gradePostgres, postgresFault, refusedSetting } from './postgres-grade.ts';
import type { PostgresSeen } from './postgres-grade.ts';
import { timeoutFault } from './network-fault.ts';
import { resolved } from './reference.ts';

/** One round trip that says how the server is: who is connected, which role it has, how far it lags. */
const question = `
  SELECT current_setting('max_connections')::int AS "maxConnections",
         current_setting('server_version') AS "version",
         pg_is_in_recovery() AS "standby",
         (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS "connections",
         (SELECT extract(epoch FROM max(clock_timestamp() - xact_start))::float8 FROM pg_stat_activity
           WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()) AS "longestTransactionSeconds",
         CASE WHEN pg_is_in_recovery()
              THEN extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8
         END AS "lagSeconds"`;

/** Logs in, asks one question, leaves. The connection is the look's own and none of it stays. */
export async function lookAtPostgres(
  probe: PostgresProbe,
  clock: LookClock,
  signal: AbortSignal,
): Promise<ProbeSnapshot> {
  const settings = await settingsOf(probe);
  if ('unreadable' in settings) return refusedSetting(probe, settings.unreadable);
  const looked = await look({ timeoutMs: probe.timeoutMs, clock, signal }, (current) =>
    ask(settings, current),
  );
  if (looked.kind === 'answered') return gradePostgres(probe, looked.answer);
  if (looked.kind === 'failed') return postgresFault(probe, looked.error);
  return postgresFault(probe, timeoutFault(probe.timeoutMs, looked.waitingFor));
}

async function ask(settings: pg.ClientConfig, current: Look): Promise<PostgresSeen> {
  const socket = new Socket();
  const client = new pg.Client({ ...settings, stream: () => socket });
  // Whatever comes after the first error adds nothing to it.
  client.on('error', () => {});
  const stop = (): void => void socket.destroy();
  current.signal.addEventListener('abort', stop, { once: true });
  try {
    current.waitingFor = 'a session';
    const from = performance.now();
    await client.connect();
    const connectMs = millisecondsSince(from);
    current.waitingFor = 'the answer to a query';
    const { rows } = await client.query<Omit<PostgresSeen, 'connectMs' | 'latencyMs'>>(question);
    const latencyMs = millisecondsSince(from);
    const [row] = rows;
    return {
      connectMs,
      latencyMs,
      maxConnections: row?.maxConnections ?? null,
      connections: row?.connections ?? null,
      version: row?.version ?? null,
      standby: row?.standby ?? null,
      lagSeconds: row?.lagSeconds ?? null,
      longestTransactionSeconds: row?.longestTransactionSeconds ?? null,
    };
  } finally {
    current.signal.removeEventListener('abort', stop);
    // A polite end waits for the server, which may be what is broken.
    client.end().catch(() => {});
    socket.destroy();
  }
}

async function settingsOf(probe: PostgresProbe): Promise<pg.ClientConfig | { readonly unreadable: string }> {
  const address = postgresAddress(probe.url);
  const ca = probe.caFile === undefined ? undefined : await readCa(probe.caFile);
  if (typeof ca === 'object')
    return { unreadable: `caFile ${probe.caFile ?? ''} cannot be read (${ca.unreadableCa})` };
  const secret = await resolved({ password: probe.password });
  if ('unreadable' in secret) return { unreadable: `password ${secret.unreadable}` };
  return {
    host: address.host,
    port: address.port,
    user: address.user,
    password: secret.password ?? '',
    database: address.database,
    application_name: 'kora-probe',
    statement_timeout: probe.timeoutMs,
    ssl: probe.tls === 'off' ? false : { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) },
  };
}
