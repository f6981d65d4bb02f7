import type { LoadConfiguration } from './load.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment and the flags say, as a partial configuration. */
export function overrides(environment: Environment, flags: LoadConfiguration['flags']): unknown {
  const port = flags.port ?? number(environment['KORA_WEB_PORT']);
  const host = flags.host ?? environment['KORA_WEB_HOST'];
  const workspace = flags.workspace ?? environment['KORA_WORKSPACE'];
  const level = environment['KORA_LOG_LEVEL'];
  const poolUsd = number(environment['KORA_CREDIT_POOL_USD']);
  const retryCeiling = number(environment['KORA_RETRY_CEILING']);
  const cadence = number(environment['KORA_HEALTH_PROBE_CADENCE_SECONDS']);
  const http = { ...(port === undefined ? {} : { port }), ...(host === undefined ? {} : { host }) };
  return {
    ...(workspace === undefined ? {} : { workspace }),
    ...(Object.keys(http).length === 0 ? {} : { http }),
    ...(level === undefined ? {} : { log: { level } }),
    ...(poolUsd === undefined ? {} : { spend: { poolUsd } }),
    ...(retryCeiling === undefined ? {} : { tickets: { retryCeiling } }),
    ...(cadence === undefined ? {} : { health: { cadenceSeconds: cadence } }),
  };
}

/** A number, or the text as it stands, so that the schema names the bad value. */
function number(text: string | undefined): number | string | undefined {
  return text === undefined || Number.isNaN(Number(text)) ? text : Number(text);
}
