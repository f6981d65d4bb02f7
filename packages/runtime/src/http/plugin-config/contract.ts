import { z } from 'zod';
import { configFieldSchema } from '../config/contract.ts';
import { reasonSchema } from '../words/contract.ts';

const iso = z.string();

/** One key of a plugin's configuration, with the value in force and who says so. */
export const configValueSchema = z.object({
  key: z.string(),
  /** Null where nothing is said; `[secret]` where its schema calls it secret. */
  value: z.unknown(),
  origin: z.enum(['kora.json', 'default', 'unset']),
  secret: z.boolean(),
});

/** A secret of a plugin by its name: where it comes from, never what it is. */
export const pluginSecretSchema = z.object({
  name: z.string(),
  /** What the operator sets; with `_FILE` behind it, to the path of a file. */
  variable: z.string(),
  origin: z.enum(['variable', 'file']).nullable(),
  /** How often this runtime was asked for it. */
  reads: z.number(),
  lastReadAt: iso.nullable(),
  problem: z.string().nullable(),
});

export const pluginConfigSchema = z.object({
  plugin: z.string(),
  /** The kora.json that holds the block, or will. */
  file: z.string(),
  /** Of the block as the file has it now: what a write has to name. */
  hash: z.string(),
  /** Whether the plugin has been given what the file has now. */
  inForce: z.boolean(),
  /** The block as the file has it. */
  block: z.record(z.string(), z.unknown()),
  /** JSON Schema; null when the plugin says none. */
  schema: z.record(z.string(), z.unknown()).nullable(),
  schemaFrom: z.enum(['manifest', 'code']).nullable(),
  values: z.array(configValueSchema),
  /** What of the block does not fit. */
  problems: z.array(z.object({ path: z.string(), message: z.string() })),
  secrets: z.array(pluginSecretSchema),
  /** The configuration as a form. */
  fields: z.array(configFieldSchema),
});

/** Compare and swap: written only while the block is still the one with that hash. */
export const newPluginConfigSchema = reasonSchema.extend({
  block: z.record(z.string(), z.unknown()),
  hash: z.string().min(1).max(100),
});

export const pluginConfigWrittenSchema = pluginConfigSchema.extend({
  /** What became of the plugin: it came up again with the new block, it did not, or it does at the next start. */
  applied: z.enum(['restarted', 'failed', 'next_start']),
  /** The plugin's state after it, and why. */
  state: z.string(),
  reason: z.string().nullable(),
});
