import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, parseConfigBlock } from '@kora/runtime/testkit';
import { messageOf } from '@kora/runtime/plugin';
import { z } from 'zod';
import { configSchemaOf } from '../config-schema.ts';
import { folderOf, readPackage } from '../manifest.ts';
import { failure } from './failure.ts';
import type { Subject } from './life.ts';

export async function configRoundTrips({ plugin, options }: Subject): Promise<void> {
  await parseConfigBlock(plugin.id, plugin.config, options.config);
  const { manifest } = await readPackage(options.packageDir);
  const { configSchema: path } = manifest;
  if (plugin.config === undefined) {
    if (path === undefined) return;
    throw failure(
      'package.json names a configSchema, and the plugin takes no configuration',
      'kora plugin manifest',
    );
  }
  const written = configSchemaOf(plugin);
  let rebuilt: z.ZodType;
  try {
    // What was made by z.toJSONSchema is what z.fromJSONSchema reads; its parameter names the drafts one by one.
    rebuilt = z.fromJSONSchema(written as Parameters<typeof z.fromJSONSchema>[0]);
  } catch (error) {
    throw failure(`its JSON Schema cannot be read again: ${messageOf(error)}`, undefined, error);
  }
  const given = options.config ?? {};
  const read = rebuilt.safeParse(given);
  if (!read.success)
    throw failure(`its JSON Schema refuses what the plugin takes: ${z.prettifyError(read.error)}`);
  if (path !== undefined) await compareFile(join(folderOf(options.packageDir), path), written);
}

async function compareFile(file: string, written: unknown): Promise<void> {
  let kept: unknown;
  try {
    kept = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw failure(`${file} is not there or is no JSON`, 'kora plugin manifest', error);
  }
  if (canonicalJson(kept) !== canonicalJson(written))
    throw failure(`${file} is not what the plugin's schema says`, 'kora plugin manifest');
}
