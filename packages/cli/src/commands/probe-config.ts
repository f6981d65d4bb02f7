import type { KoraClient, PluginConfig, ProbeRow } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import { problemOf, refusal } from '../fault.ts';
import type { Input } from '../input.ts';
import { keyValues } from '../key-values.ts';
import { plain } from '../output/style.ts';
import { keysOf, nameFor } from '../probe-kinds.ts';
import { probeLines } from './probe.ts';

/** The plugin in whose block of kora.json probes stand. */
const plugin = 'probes';
/** A look has ten seconds of its own, and may wait as long for its place. */
const lookTimeoutMs = 30_000;

type Probe = Readonly<Record<string, unknown>>;

/** Writes a probe into kora.json, and looks once: what it saw is the answer. */
export const add: Run = async (context) => {
  const { input, out } = context;
  const probe = probeOf(input);
  const name = String(probe['name']);
  const api = await context.client(lookTimeoutMs);
  const before = await api.pluginConfig(plugin);
  const watched = await api.probes();
  if (probesIn(before).some((each) => each['name'] === name) || watched.some((row) => row.name === name))
    throw refusal('KORA_PROBE_DUPLICATE', `there is a probe ${name} already`, 'name this one: --name NAME');
  const reason = input.text('reason') ?? `watch ${name}, from the command line`;
  const written = await write(api, before, { probes: [...probesIn(before), probe], reason });
  const { file, applied, state } = written;
  if (applied === 'next_start') {
    out.result({ probe, file, applied, seen: null, notSeen: null }, () => [
      `${out.style.good('written')}  ${plain(file)}`,
      `the plugin is ${state}: it looks from its next start`,
    ]);
    return 'ok';
  }
  const looked = await lookOnce(context, api, name);
  out.result({ probe, file, applied, ...looked }, () => [
    `${out.style.good('written')}  ${plain(file)}`,
    ...(looked.seen === null
      ? [out.style.warn(`not looked at yet: ${plain(looked.notSeen)}`)]
      : probeLines(looked.seen, out)),
    ...(looked.seen !== null && isBad(looked.seen)
      ? [
          '',
          out.style.dim(`it is watched all the same; kora probe remove ${plain(name)} takes it away again`),
        ]
      : []),
  ]);
  return looked.seen !== null && isBad(looked.seen) ? 'findings' : 'ok';
};

/** Takes a probe out of kora.json; what it saw stays in the history. */
export const remove: Run = async (context) => {
  const { input, out } = context;
  const name = input.argument('name');
  const api = await context.client();
  const before = await api.pluginConfig(plugin);
  const kept = probesIn(before).filter((each) => each['name'] !== name);
  if (kept.length === probesIn(before).length) {
    const built = 'what is built in, or comes from another plugin, is switched off there';
    throw refusal(
      'KORA_PROBE_UNKNOWN',
      `kora.json has no probe ${JSON.stringify(name)}: ${built}`,
      'kora probe list',
    );
  }
  const reason = input.text('reason') ?? `watch ${name} no more, from the command line`;
  const { file, applied } = await write(api, before, { probes: kept, reason });
  out.result({ removed: name, file, applied }, () => [
    `${out.style.good('removed')}  ${plain(name)}  ${plain(file)}`,
  ]);
  return 'ok';
};

function probeOf(input: Input): Probe {
  const [kind, target] = [input.argument('kind'), input.argument('target')];
  const set = keyValues(input, 'set');
  const everyMs = input.span('every');
  const timeoutMs = input.span('timeout');
  const consecutive = input.whole('consecutive', 1);
  const severity = input.text('severity');
  const dependsOn = input.many('depends-on');
  return {
    ...keysOf(
      kind,
      target,
      set.map(([key]) => key),
    ),
    name: input.text('name') ?? nameFor(kind, target),
    ...(everyMs === undefined ? {} : { everyMs }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(consecutive === undefined ? {} : { consecutive }),
    ...(severity === undefined ? {} : { severity }),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    ...Object.fromEntries(set),
  };
}

function probesIn({ block }: PluginConfig): readonly Probe[] {
  const { probes } = block as { readonly probes?: unknown };
  return Array.isArray(probes)
    ? probes.filter((each): each is Probe => typeof each === 'object' && each !== null)
    : [];
}

/**
 * Swaps the list of probes for another, if nobody has written the block meanwhile. Where the plugin does not come up with
 * it, the block that stood there is put back: a probe that cannot be must not stop those that are.
 */
async function write(
  api: KoraClient,
  { block, hash }: PluginConfig,
  { probes, reason }: { readonly probes: readonly Probe[]; readonly reason: string },
): ReturnType<KoraClient['configurePlugin']> {
  const written = await api.configurePlugin(plugin, { block: { ...block, probes }, hash, reason });
  if (written.applied !== 'failed') return written;
  await api.configurePlugin(plugin, {
    block,
    hash: written.hash,
    reason: `put back: ${written.reason ?? 'refused'}`,
  });
  throw refusal(
    'KORA_CONFIG_INVALID',
    `${written.reason ?? 'the plugin did not come up with it'}; kora.json is as it was`,
    'kora probe add --help',
  );
}

type Looked =
  | { readonly seen: ProbeRow; readonly notSeen: null }
  | { readonly seen: null; readonly notSeen: string };

/** The probe stands already: that nobody may look now is told, and is no failure of adding it. */
async function lookOnce({ host }: Context, api: KoraClient, name: string): Promise<Looked> {
  try {
    return { seen: await api.runProbe(name), notSeen: null };
  } catch (error) {
    const { message } = problemOf(error, (await host.runtime.basics()).faultTable);
    return { seen: null, notSeen: message };
  }
}

function isBad({ status }: ProbeRow): boolean {
  return status === 'unhealthy' || status === 'unreachable';
}
