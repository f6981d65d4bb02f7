import type { Finding } from '@kora/runtime/client';
import type { Context } from '../context.ts';

export type Severity = Finding['severity'];

/** One look at one thing; what is well is a finding too, of severity `info`. */
export type Check = (context: Context, home: string) => Promise<readonly Finding[]>;

export interface FindingOptions {
  readonly path?: string;
  /** The one command or edit that mends it. */
  readonly hint?: string;
}

/** `id` is stable, `area/check`: scripts branch on it. */
export function finding(
  severity: Severity,
  id: string,
  message: string,
  options: FindingOptions = {},
): Finding {
  return { id, severity, message, path: options.path ?? null, hint: options.hint ?? null };
}

export const severities = ['info', 'warning', 'error'] as const satisfies readonly Severity[];

/** Whether `severity` is `least` or worse. */
export function reaches(severity: Severity, least: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(least);
}
