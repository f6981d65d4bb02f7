import type { FixCall, FixEnvelope, FixTarget } from '@kora/runtime/plugin';
import type { HookFix } from './config.ts';
import { autofix, boundsOf, condition, notDone } from './envelope.ts';

/** Tells a service of the operator's that a probe fails, under a key that is the same for one attempt. */
export function hookFix(fix: HookFix): FixEnvelope {
  const { rollbackUrl } = fix;
  return {
    ...boundsOf(fix),
    fixName: 'call_hook',
    title: `calls ${new URL(fix.url).host}`,
    capability: autofix,
    targets: ({ probe, target }) => [{ id: `probe:${probe}`, title: target }],
    conditions: ({ observation: { status } }) => [
      condition('not_merely_degraded', status !== 'degraded', `the look came back ${status}`),
    ],
    observe: () => Promise.resolve({ hook: new URL(fix.url).host }),
    execute: (target, call) => post(fix, fix.url, target, call),
    ...(rollbackUrl === undefined
      ? {}
      : { rollback: (target: FixTarget, call: FixCall) => post(fix, rollbackUrl, target, call) }),
  };
}

async function post(
  { probe, headers }: HookFix,
  url: string,
  target: FixTarget,
  { key, incidentId, signal }: FixCall,
): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    signal,
    // A service that sends elsewhere is not the one that the operator named.
    redirect: 'manual',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'kora-fix',
      'idempotency-key': key,
      ...headers,
    },
    body: JSON.stringify({ probe, target: target.id, incident: incidentId, key }),
  });
  await response.body?.cancel();
  if (!response.ok) throw notDone(`${new URL(url).host} answered HTTP ${response.status}`);
}
