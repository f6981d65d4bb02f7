/**
 * What variables say of the probes' block: `KORA_PROBE_DEBOUNCE_SECONDS`, `KORA_PROBE_DEBOUNCE_BYPASS_CRITICAL`. A text that
 * is neither a number nor a yes or no stays as it stands, so that the plugin's schema names it.
 */
export function probeVariables(environment: Readonly<Record<string, string | undefined>>): unknown {
  const seconds = environment['KORA_PROBE_DEBOUNCE_SECONDS'];
  const bypass = environment['KORA_PROBE_DEBOUNCE_BYPASS_CRITICAL'];
  const probes = {
    ...(seconds === undefined ? {} : { debounceSeconds: numberIn(seconds) }),
    ...(bypass === undefined ? {} : { debounceBypassCritical: yesIn(bypass) }),
  };
  return Object.keys(probes).length === 0 ? {} : { plugins: { config: { probes } } };
}

function numberIn(text: string): number | string {
  return Number.isNaN(Number(text)) ? text : Number(text);
}

function yesIn(text: string): boolean | string {
  if (/^(?:true|1|yes|on)$/i.test(text)) return true;
  return /^(?:false|0|no|off)$/i.test(text) ? false : text;
}
