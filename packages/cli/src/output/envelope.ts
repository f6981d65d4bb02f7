import type { Problem } from '../fault.ts';

/** Version of the `--json` documents; it moves only when a field changes its meaning or goes. */
export const schemaVersion = 1;

/** The document a reading verb prints with `--json`. */
export function success(data: unknown): string {
  return JSON.stringify({ schemaVersion, ok: true, data });
}

/** The document any verb prints with `--json` when it failed. */
export function failure(problem: Problem): string {
  const { type, code, message, hint } = problem;
  return JSON.stringify({ schemaVersion, ok: false, error: { type, code, message, hint: hint ?? null } });
}
