import { z } from 'zod';
import { reasonSchema } from '../words/contract.ts';
import { pluginUsageSchema } from './usage.ts';

/** Why a plugin is not simply running: a stable code, a sentence, and the step that mends it. */
export const pluginReasonSchema = z.object({
  code: z.string(),
  message: z.string(),
  fix: z.string().optional(),
});

export const pluginSchema = z.object({
  id: z.string(),
  packageName: z.string(),
  version: z.string(),
  /** Of what it says of itself: package, version, manifest; null where no runtime was asked. */
  digest: z.string().nullable(),
  origin: z.enum(['bundled', 'host']),
  trusted: z.boolean(),
  isolation: z.enum(['in-process', 'process']).nullable(),
  state: z.string(),
  reason: pluginReasonSchema.nullable(),
  contributes: z.record(z.string(), z.array(z.string())),
  registered: z.record(z.string(), z.array(z.string())),
  directory: z.string(),
  pid: z.number().nullable(),
  /** Where its mounts are, of an untrusted plugin. */
  urls: z.array(z.string()),
  /** Null while it has not run here. */
  usage: pluginUsageSchema.nullable(),
  /** What its manifest asks for. */
  capabilities: z.array(z.string()),
  /** What the operator agreed to; null before it was first let in. */
  approved: z
    .object({
      version: z.string(),
      capabilities: z.array(z.string()),
      by: z.string(),
      reason: z.string(),
      at: z.string(),
    })
    .nullable(),
  /** Another version that is installed and is not the one that serves. */
  pending: z
    .object({
      version: z.string(),
      /** What a yes has to name; null for a package that is gone. */
      digest: z.string().nullable(),
      outcome: z.enum(['parked', 'refused', 'restart_needed']),
      reason: pluginReasonSchema,
    })
    .nullable(),
});

/** `POST /api/plugins/:id/approve`: a page has to name what it was shown. */
export const pluginApprovalSchema = reasonSchema.extend({ digest: z.string().min(1).max(100).optional() });

/** What is never loaded from the next start on. */
export const pluginDisabledSchema = z.object({
  plugin: z.string(),
  /** The kora.json that says so. */
  file: z.string(),
  deny: z.array(z.string()),
});

/** Why a plugin is as it is; also of one that is not there. */
export const pluginWhySchema = z.object({
  id: z.string(),
  /** `not_installed` where there is none. */
  state: z.string(),
  version: z.string().nullable(),
  origin: z.enum(['bundled', 'host']).nullable(),
  trusted: z.boolean().nullable(),
  reason: pluginReasonSchema.nullable(),
  /** What was looked at, one sentence each. */
  looked: z.array(z.string()),
  /** The setting that decided; null where none did. */
  decided: z.string().nullable(),
  /** The command or edit that mends it. */
  fix: z.string().nullable(),
});

export const syncRowSchema = z.object({
  id: z.string(),
  packageName: z.string(),
  outcome: z.enum(['added', 'removed', 'upgraded', 'parked', 'restart_needed', 'refused', 'unchanged']),
  /** The version that is installed now; null for one that is gone. */
  version: z.string().nullable(),
  /** The version that serves after it; null when none does. */
  serving: z.string().nullable(),
  reason: pluginReasonSchema.nullable(),
});

/** What of a plugin was removed from the store. */
export const purgedPluginSchema = z.object({
  plugin: z.string(),
  schema: z.string(),
  /** How many tables went. */
  tables: z.number(),
  /** Statements for whoever may, where the runtime's login may not drop roles. */
  statement: z.string().nullable(),
});

export const syncReportSchema = z.object({
  /** Folder of the host project that was looked at. */
  host: z.string().nullable(),
  rows: z.array(syncRowSchema),
  /** Dependencies that are named and not installed. */
  missing: z.array(z.string()),
});
