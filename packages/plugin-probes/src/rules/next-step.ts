import { ownHost } from './same-host.ts';
import type { Fact, Scene } from './rule.ts';
import { oneLine } from './words.ts';

/** What a person does first, by how the look failed: `details.failure`, which the probes of this plugin set. */
const byFailure: Readonly<Record<string, (target: string) => string>> = {
  refused: (target) =>
    `see whether the process behind ${target} runs: its host answers, but nothing accepts the connection.`,
  timeout: (target) =>
    `see whether ${target} is up and not overloaded, and whether a firewall drops the connection.`,
  dns: (target) =>
    `look up the name in ${target} by hand, on this machine and elsewhere, to tell its record from the resolver.`,
  no_route: (target) => `check the network between this machine and ${target}.`,
  closed: (target) => `read the log of ${target}: it accepts connections and drops them.`,
  certificate: (target) => `renew or correct the certificate that ${target} presents.`,
  certificate_expiring: (target) => `renew the certificate of ${target} before that day.`,
  tls: (target) => `check that ${target} speaks TLS on that port, and which versions.`,
  protocol: (target) => `check what listens at ${target}: it does not speak HTTP.`,
  body: (target) => `open ${target} and compare what it serves with what is expected.`,
  slow: (target) => `check the load of ${target} and of what it depends on.`,
  full: (target) => `free or add space on ${target}.`,
  path_missing: (target) => `see whether ${target} is still mounted.`,
  memory_low: () => 'find the process whose memory grew, and stop or limit it.',
  loop_busy: () => 'see which daemon or plugin keeps the runtime busy: kora daemon list.',
  not_running: (target) => `start ${target} again, after reading why it ended in its log.`,
  pid_file: (target) => `see whether the service that writes ${target} runs.`,
};

const byCategory: Readonly<Record<string, (target: string) => string>> = {
  auth: (target) => `check the credential used for ${target}: it is refused.`,
  capacity: (target) => `check the limits and the load of ${target}.`,
  certificate: (target) => `check the certificate of ${target}.`,
  latency: (target) => `check the load of ${target} and of what it depends on.`,
  drift: (target) => `compare ${target} with what the probe expects of it.`,
  unreachable: (target) => `see whether ${target} is up and can be reached from this machine.`,
};

/** One thing to do now. It follows from how the thing failed, never from what merely came before. */
export function nextStep(scene: Scene, facts: readonly Fact[]): string {
  const host = ownHost(scene);
  if (scene.incident?.status === 'resolved') return 'none now; if it comes back, start from the times above.';
  if (host !== null && facts.some((fact) => fact.rule === 'same_host' && fact.evidence['all'] === true)) {
    return `look at ${host} itself before its single services.`;
  }
  const target = oneLine(scene.order.target, 120);
  const failure = scene.wake?.details['failure'];
  const step =
    ownEntry(byFailure, typeof failure === 'string' ? failure : '') ??
    ownEntry(byCategory, scene.order.category);
  return step?.(target) ?? `look at ${target} and its log from the time above.`;
}

/** The failure's name comes from outside, so what every object inherits must not answer to it. */
function ownEntry<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
