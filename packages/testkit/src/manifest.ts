import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fault, readManifest } from '@kora/runtime/testkit';
import type { Manifest, PackageFacts } from '@kora/runtime/testkit';

export interface PluginPackage {
  readonly directory: string;
  /** The parsed package.json. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly facts: PackageFacts;
  readonly manifest: Manifest;
}

export function folderOf(directory: string | URL): string {
  return typeof directory === 'string' ? directory : fileURLToPath(directory);
}

/** Reads a plugin's package.json. Throws KORA_PLUGIN_INVALID naming every key that is wrong. */
export async function readPackage(directory: string | URL): Promise<PluginPackage> {
  const folder = folderOf(directory);
  const file = join(folder, 'package.json');
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw fault('KORA_PLUGIN_INVALID', `${file} is not there or is no JSON`, { cause });
  }
  const reading = readManifest(json);
  if (reading.kind === 'ordinary') {
    throw fault('KORA_PLUGIN_INVALID', `${file} has no kora block`, {
      fix: 'add: "kora": { "id": "my-plugin", "api": 1, "entry": "./index.ts" }',
    });
  }
  if (reading.kind === 'malformed') {
    const problems = reading.problems.map(({ key, message }) => `${key} ${message}`).join('; ');
    throw fault('KORA_PLUGIN_INVALID', `${file}: ${problems}`);
  }
  const { facts, manifest } = reading;
  return { directory: folder, json: json as Readonly<Record<string, unknown>>, facts, manifest };
}
