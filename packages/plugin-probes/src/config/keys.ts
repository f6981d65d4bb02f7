import type { Severity } from '@kora/runtime/plugin';
import { RE2JS } from 're2js';
import { z } from 'zod';
import { referenceForm } from '../probes/reference.ts';

/** Keys of every probe. */
export interface ProbeCommon {
  /** Unique in the runtime; one named like a built-in probe replaces it. */
  readonly name: string;
  /** Milliseconds between looks, at least 100. Default 30 000; `disk`, `systemd`, `dns` and services 60 000. */
  readonly everyMs: number;
  /** Milliseconds one look may take, 10 to 300 000. Default 10 000. */
  readonly timeoutMs: number;
  /** Bad looks in a row that open an incident, and good ones that resolve it. Default: the runtime's, 2. */
  readonly consecutive?: number | undefined;
  /** How bad a failure of this thing is. Default: critical, for degraded looks warning. */
  readonly severity?: Severity | undefined;
  /** Names of the probes without which this one cannot be well: its failure is then a consequence of theirs. */
  readonly dependsOn?: readonly string[] | undefined;
  /** `fleet`: one runtime of the workspace looks, and the incident is the workspace's. Default: each runtime looks. */
  readonly scope?: 'runtime' | 'fleet' | undefined;
}

export const defaultEveryMs = 30_000;
export const calmEveryMs = 60_000;
export const percent = z.number().min(0).max(100);
export const milliseconds = z.number().int().positive().max(300_000);
export const port = z.number().int().min(1).max(65_535);
export const host = z
  .string()
  .regex(/^[^\s/@]+$/, 'must be a host name or an address, without scheme or path');
export const file = z.string().min(1);

const name = z
  .string()
  .regex(/^[a-z][a-z0-9_.-]{0,63}$/, 'must be 1 to 64 of a-z, 0-9, _ . - and begin with a letter');

/** A pattern in the syntax of RE2, which is matched in time linear in the text: no pattern can hang a look. */
export const pattern = z
  .string()
  .min(1)
  .max(2_000)
  .refine(compiles, 'must be a regular expression that RE2 understands (no look-around, no back-references)');

/** The keys that all kinds share, beside their cadence. */
export const commonKeys = {
  name,
  timeoutMs: milliseconds.min(10).default(10_000),
  consecutive: z.number().int().min(1).max(100).optional(),
  severity: z.enum(['critical', 'warning', 'info']).optional(),
  dependsOn: z.array(name).max(20).optional(),
  scope: z.enum(['runtime', 'fleet']).optional(),
};

/** `everyMs`, with this kind's default in milliseconds. */
export function cadence(defaultMs: number): z.ZodDefault<z.ZodNumber> {
  return z.number().int().min(100).max(86_400_000).default(defaultMs);
}

export function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** A secret by where it is: what stands in a configuration is shown by whatever shows the configuration. */
export const reference = z
  .string()
  .regex(referenceForm, 'must be where the secret is, "env:NAME" or "file:/path", and not the secret itself');

export const withoutPassword =
  'must not hold a password: say where it is, with the key password and "env:NAME" or "file:/path"';

export function hasNoPassword(address: string): boolean {
  return !URL.canParse(address) || new URL(address).password === '';
}

function compiles(text: string): boolean {
  try {
    RE2JS.compile(text);
    return true;
  } catch {
    return false;
  }
}
