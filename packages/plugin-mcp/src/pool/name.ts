import { createHash } from 'node:crypto';

const longest = 64;

/** The name under which a tool of a server is offered: whose it is comes first, and two are never one. */
export function offeredName(server: string, tool: string): string {
  const slug = tool
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  const plain = `mcp__${server}__${slug}`;
  if (slug === tool && plain.length <= longest) return plain;
  // Told apart by what was lost in the name.
  const mark = createHash('sha256').update(tool).digest('hex').slice(0, 8);
  return `${plain.slice(0, longest - mark.length - 1).replace(/_+$/, '')}_${mark}`;
}

/** The capability that all tools of a server need. */
export function capabilityOf(server: string): string {
  return `cap_mcp_${server}`;
}
