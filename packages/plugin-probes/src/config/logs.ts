import { isAbsolute } from 'node:path';
import { z } from 'zod';

/** A log file of something that is watched: rules read it when its probe fails. */
export interface LogFile {
  /** The probe that watches what writes it. */
  readonly probe: string;
  /** The whole path. Its end is read, and only for an investigation. */
  readonly path: string;
  /** As evidence names it, `log:NAME#12`. Default: the name of the probe. */
  readonly name?: string | undefined;
}

export interface LogsConfig {
  /** Log files, by the probes that they belong to. Default: none. */
  readonly logs: readonly LogFile[];
}

const logFile = z.strictObject({
  probe: z.string().min(1).max(64),
  path: z.string().max(4_096).refine(isAbsolute, 'must be the whole path of a file'),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'must be 1 to 64 of letters, digits, _ . -')
    .optional(),
});

/** To be spread into the shape of the plugin's block. */
export const logsShape = { logs: z.array(logFile).max(200).default([]) };

/** What this machine watches by itself has no block of its own to be named in. */
const ownProbes: readonly string[] = ['disk', 'memory', 'process'];

/** Each log belongs to a probe that there is, under a name of its own. */
export function checkLogs(
  { logs, probes }: LogsConfig & { readonly probes: readonly { readonly name: string }[] },
  issues: z.RefinementCtx,
): void {
  const known = new Set([...ownProbes, ...probes.map(({ name }) => name)]);
  const names = new Set<string>();
  for (const [index, { probe, name = probe }] of logs.entries()) {
    const place = ['logs', index];
    if (!known.has(probe))
      issues.addIssue({ code: 'custom', path: [...place, 'probe'], message: `there is no probe "${probe}"` });
    if (names.has(name))
      issues.addIssue({ code: 'custom', path: [...place, 'name'], message: `"${name}" is there twice` });
    names.add(name);
  }
}
