import { readFile, writeFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { canonicalJson } from '@kora/runtime/testkit';
import type { Contributes, Registered } from '@kora/runtime/testkit';
import { isPacked } from '../check/files.ts';
import type { PackageJson } from '../check/package-text.ts';
import { configSchemaOf } from '../config-schema.ts';
import { readPackage } from '../manifest.ts';
import type { PluginPackage } from '../manifest.ts';
import { TestRuntime } from '../test-runtime.ts';
import { loadPlugin, madeUpSecrets, ownConfig } from './load.ts';
import type { BenchOrder, ManifestAnswer } from './orders.ts';

const defaultSchemaPath = './kora.config.schema.json';

interface Wanted {
  readonly path: string;
  readonly text: string;
  readonly changes: readonly string[];
}

/** Writes what the plugin registers, and the schema of its configuration, where manifests have them; or only compares. */
export async function writeManifest(
  order: Extract<BenchOrder, { verb: 'manifest' }>,
): Promise<ManifestAnswer> {
  const found = await readPackage(order.directory);
  const { plugin } = await loadPlugin(found, 'sources', order.entry);
  const runtime = new TestRuntime(
    { plugin, trusted: true, config: await ownConfig(found), secrets: madeUpSecrets(found) },
    found,
  );
  let registered: Registered;
  try {
    await runtime.load();
    ({ registered } = runtime);
  } finally {
    await runtime.dispose();
  }
  const schema = configSchemaOf(plugin);
  const wanted = [
    await packageWith(found, registered, schema !== undefined),
    ...(schema === undefined ? [] : [await schemaFile(found, schema)]),
  ].filter(({ changes }) => changes.length > 0);
  if (!order.check) for (const { path, text } of wanted) await writeFile(join(found.directory, path), text);
  return {
    directory: found.directory,
    changes: wanted.flatMap(({ changes }) => changes),
    written: order.check ? [] : wanted.map(({ path }) => path),
  };
}

async function packageWith(
  found: PluginPackage,
  registered: Registered,
  hasConfig: boolean,
): Promise<Wanted> {
  const { directory, json, manifest } = found;
  const text = await readFile(join(directory, 'package.json'), 'utf8');
  const block = json['kora'] as Readonly<Record<string, unknown>>;
  const changes: string[] = [];
  const contributes = contributesOf(found, registered, changes);
  const next: Record<string, unknown> = { ...block, contributes };
  if (hasConfig && manifest.configSchema === undefined) {
    next['configSchema'] = defaultSchemaPath;
    changes.push(`kora.configSchema: ${defaultSchemaPath}`);
  }
  if (!hasConfig && manifest.configSchema !== undefined) {
    delete next['configSchema'];
    changes.push('kora.configSchema: the plugin takes no configuration');
  }
  const { files } = json as PackageJson;
  const schemaPath = manifest.configSchema ?? defaultSchemaPath;
  const unpacked = hasConfig && files !== undefined && !isPacked({ files }, schemaPath);
  if (unpacked) changes.push(`files: ${normalize(schemaPath)}`);
  const whole = { ...json, ...(unpacked ? { files: [...files, normalize(schemaPath)] } : {}), kora: next };
  return { path: 'package.json', text: written(whole, text), changes };
}

/** Lists that were there stay where they are, also when they are empty; a new one comes when it holds something. */
function contributesOf(
  found: PluginPackage,
  registered: Registered,
  changes: string[],
): Record<string, unknown> {
  const { json, manifest } = found;
  const before = (json['kora'] as { readonly contributes?: Record<string, unknown> }).contributes ?? {};
  const declared: Contributes = manifest.contributes;
  const next: Record<string, unknown> = { ...before };
  for (const [kind, names] of Object.entries(declared)) {
    const standing: readonly string[] = registered[kind as keyof Registered] ?? [];
    // Kinds of probes may be declared in place of names, which are the operator's: whatever is declared stands.
    if (kind === 'probes' && names.length > 0 && standing.length > 0) continue;
    if (canonicalJson(names.toSorted()) === canonicalJson(standing.toSorted())) continue;
    next[kind] = [...standing];
    changes.push(`kora.contributes.${kind}: ${standing.join(', ') || 'none'}`);
  }
  return next;
}

async function schemaFile({ directory, manifest }: PluginPackage, schema: object): Promise<Wanted> {
  const path = manifest.configSchema ?? defaultSchemaPath;
  const before = await readFile(join(directory, path), 'utf8').catch(() => ''); // not there yet
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  const same = before !== '' && canonicalJson(parsedOrNull(before)) === canonicalJson(schema);
  return {
    path,
    text,
    changes: same ? [] : [`${normalize(path)}: ${before === '' ? 'absent' : 'another schema'}`],
  };
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null; // half written: it is replaced
  }
}

/** With the indent and the last line's end that the file had. */
function written(json: object, before: string): string {
  const indent = /^([ \t]+)"/m.exec(before)?.[1] ?? '  ';
  return `${JSON.stringify(json, null, indent)}${before.endsWith('\n') ? '\n' : ''}`;
}
