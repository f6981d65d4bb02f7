import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fault, messageOf } from '../../fault/index.ts';
import type { PluginMigration, PluginMigrations } from './contract.ts';

/**
 * The migrations as text, read where the plugin lives: a guest's files are for the guest to read. Throws
 * KORA_PLUGIN_INVALID naming the folder or file.
 */
export async function readMigrationsGiven(given: PluginMigrations): Promise<readonly PluginMigration[]> {
  if ('migrations' in given) return given.migrations;
  const folder = given.directory.startsWith('file:') ? fileURLToPath(given.directory) : given.directory;
  try {
    const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
    return await Promise.all(files.map((file) => readOne(folder, file)));
  } catch (cause) {
    throw fault('KORA_PLUGIN_INVALID', `the migrations in ${folder} cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
}

async function readOne(folder: string, file: string): Promise<PluginMigration> {
  const [, number, name] = /^(\d{1,4})-(.+)\.sql$/.exec(file) ?? [];
  if (number === undefined || name === undefined) {
    throw fault('KORA_PLUGIN_INVALID', `${file} is not named like 0001-orders.sql`);
  }
  return { number: Number(number), name, sql: await readFile(join(folder, file), 'utf8') };
}
