import type { KoraClient, PluginConfig, ProbeRow } from '@kora/runtime/client';
import { z } from 'zod';
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

/** Where the schema of the plugin's block says which keys each kind has. */
const probeShapes = z.object({
  properties: z.object({
    probes: z.object({
      items: z.object({
        oneOf: z.array(
          z.object({ properties: z.record(z.string(), z.looseObject({ const: z.unknown().optional() })) }),
        ),
      }),
    }),
  }),
});

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
  const known = new Set([...probesIn(before), ...watched].map((each) => each['name']));
  const missing = input.many('depends-on').find((needed) => !known.has(needed));
  if (missing !== undefined)
    throw refusal(
      'KORA_PROBE_UNKNOWN',
      `there is no probe ${missing} for ${name} to depend on`,
      'kora probe list',
    );
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
  // Where none of them stands there is nothing to put back: each that is taken out may be the one that was wrong.
  const stood = (await api.probes()).some((row) => row.pluginName === plugin);
  const written = await write(api, before, { probes: kept, reason, keep: !stood });
  const { file, applied } = written;
  const stillWrong =
    applied === 'failed' ? named(written.reason ?? 'the plugin does not come up', kept) : null;
  out.result({ removed: name, file, applied, stillWrong }, () => [
    `${out.style.good('removed')}  ${plain(name)}  ${plain(file)}`,
    ...(stillWrong === null ? [] : [out.style.warn(`nothing is watched yet: ${plain(stillWrong)}`)]),
  ]);
  return stillWrong === null ? 'ok' : 'findings';
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

interface Wish {
  readonly probes: readonly Probe[];
  readonly reason: string;
  /** Whether it stays written where the plugin does not come up with it. */
  readonly keep?: boolean;
}

/**
 * Swaps the list of probes for another, if nobody has written the block meanwhile. Where the plugin does not come up with
 * it, the block that stood there is put back: a probe that cannot be must not stop those that are.
 */
async function write(
  api: KoraClient,
  before: PluginConfig,
  { probes, reason, keep = false }: Wish,
): ReturnType<KoraClient['configurePlugin']> {
  const { block, hash } = before;
  let written: Awaited<ReturnType<KoraClient['configurePlugin']>>;
  try {
    written = await api.configurePlugin(plugin, { block: { ...block, probes }, hash, reason });
  } catch (error) {
    if (!isInvalid(error)) throw error;
    throw refused(error.message, before, probes);
  }
  if (written.applied !== 'failed' || keep) return written;
  const why = written.reason ?? 'the plugin did not come up with it';
  await api.configurePlugin(plugin, { block, hash: written.hash, reason: `put back: ${why}` });
  throw refused(why, before, probes);
}

function isInvalid(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'KORA_CONFIG_INVALID';
}

/** What is wrong by the name of the probe, and what helps: for a wrong key those that are right, for an old fault its end. */
function refused(why: string, { schema }: PluginConfig, probes: readonly Probe[]): Error {
  const first = probes[Number(place.exec(why)?.[1] ?? probes.length - 1)];
  const [kind, name] = [String(first?.['kind']), String(first?.['name'])];
  const wasThere = first !== probes.at(-1);
  const fix = wasThere
    ? `kora probe remove ${name}`
    : /unrecognized key/i.test(why)
      ? `a probe of kind ${kind} has the keys ${keysInSchema(schema, kind).join(', ')}`
      : 'kora probe add --help';
  return refusal('KORA_CONFIG_INVALID', `${named(why, probes)}; kora.json is as it was`, fix);
}

const place = /\bprobes\.(\d+)(?:\.([\w.-]+))?/;

/** `plugins.config.probes.probes.3.url: …` as `url of shop: …`: who counts the probes of a file. */
function named(why: string, probes: readonly Probe[]): string {
  return why.replaceAll(
    /plugins\.config\.probes\.probes\.(\d+)(?:\.([\w.-]+))?(?=:)/g,
    (path, index: string, key: string | undefined) => {
      const name = probes[Number(index)]?.['name'];
      if (typeof name !== 'string') return path;
      return key === undefined ? `probe ${name}` : `${key} of probe ${name}`;
    },
  );
}

function keysInSchema(schema: PluginConfig['schema'], kind: string): readonly string[] {
  const shapes = probeShapes.safeParse(schema);
  const all = shapes.success ? shapes.data.properties.probes.items.oneOf : [];
  const shape = all.find(({ properties }) => properties['kind']?.const === kind);
  return Object.keys(shape?.properties ?? {}).filter((key) => key !== 'kind');
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
