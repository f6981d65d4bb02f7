import type { Subject } from './contract.ts';

/**
 * Whom a caller's grants are for. Callers are stamped by the runtime: a plugin's bare id, `kora`, `mcp:NAME` or
 * `route:NAME`; no plugin's id has a colon. Nothing else about a name counts, so a caller of any other form has no grants.
 */
export function subjectOf(caller: string): Subject | undefined {
  const [kind, ...rest] = caller.split(':');
  const named = rest.join(':');
  if (rest.length === 0) return caller === '' ? undefined : { kind: 'plugin', subject: caller };
  return (kind === 'mcp' || kind === 'route') && named !== '' ? { kind, subject: named } : undefined;
}

/** One text for one subject and capability. */
export function grantKey({ kind, subject }: Subject, capability: string): string {
  return `${kind}\n${subject}\n${capability}`;
}
