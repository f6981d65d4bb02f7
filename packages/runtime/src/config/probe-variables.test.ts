import { expect, test } from 'vitest';
import { probeVariables } from './probe-variables.ts';

test.each([
  [{}, {}],
  [{ KORA_PROBE_DEBOUNCE_SECONDS: '0' }, { debounceSeconds: 0 }],
  [{ KORA_PROBE_DEBOUNCE_SECONDS: 'soon' }, { debounceSeconds: 'soon' }],
  [{ KORA_PROBE_DEBOUNCE_BYPASS_CRITICAL: 'TRUE' }, { debounceBypassCritical: true }],
  [{ KORA_PROBE_DEBOUNCE_BYPASS_CRITICAL: 'off' }, { debounceBypassCritical: false }],
  [{ KORA_PROBE_DEBOUNCE_BYPASS_CRITICAL: 'maybe' }, { debounceBypassCritical: 'maybe' }],
])('%j says %j of the probes', (environment, block) => {
  const isNothing = Object.keys(block).length === 0;
  expect(probeVariables(environment)).toEqual(isNothing ? {} : { plugins: { config: { probes: block } } });
});
