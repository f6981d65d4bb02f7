import type { KoraClient, PluginConfig } from '@kora/runtime/client';
import { z } from 'zod';
import type { Context } from '../context.ts';
import { refusal } from '../fault.ts';

/** The plugin in whose block of kora.json probes stand. */
export const plugin = 'probes';

/** A probe as it stands in kora.json. */
export type Probe = Readonly<Record<string, unknown>>;

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

function probesIn({ block }: Pick<PluginConfig, 'block'>): readonly Probe[] {
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

/** How often a list that somebody else wrote meanwhile is read again. */
const tries = 5;
const retryMs = 200;

/**
 * Swaps the list of probes for another, and begins anew with what stands there when somebody has written it meanwhile.
 * Where the plugin does not come up with it, the block that stood there is put back: a probe that cannot be must not stop
 * those that are. Throws KORA_CONFIG_INVALID, and KORA_CONFIG_CHANGED when others write on and on.
 */
export async function swap(
  { host }: Pick<Context, 'host'>,
  api: KoraClient,
  change: (before: readonly Probe[]) => Promise<Wish>,
): Promise<Written> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await api.pluginConfig(plugin);
    const wish = await change(probesIn(before));
    try {
      return await write(api, before, wish);
    } catch (error) {
      if (!isCode(error, 'KORA_CONFIG_CHANGED') || attempt === tries) throw error;
      await host.sleep(retryMs);
    }
  }
}

type Written = Awaited<ReturnType<KoraClient['configurePlugin']>>;

async function write(api: KoraClient, before: PluginConfig, wish: Wish): Promise<Written> {
  const { probes, reason, keep = false } = wish;
  const { block, hash } = before;
  let written: Written;
  try {
    written = await api.configurePlugin(plugin, { block: { ...block, probes }, hash, reason });
  } catch (error) {
    if (!isCode(error, 'KORA_CONFIG_INVALID')) throw error;
    throw refused(error.message, before, probes);
  }
  if (written.applied !== 'failed' || keep) return written;
  const why = written.reason ?? 'the plugin did not come up with it';
  await api.configurePlugin(plugin, { block, hash: written.hash, reason: `put back: ${why}` });
  throw refused(why, before, probes);
}

function isCode(error: unknown, code: string): error is Error {
  return error instanceof Error && 'code' in error && error.code === code;
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
export function named(why: string, probes: readonly Probe[]): string {
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
