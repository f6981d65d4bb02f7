import type { CockpitPanelSpec } from '@kora/runtime/plugin';
import { seenDescription, seenSchema } from './fitting.ts';
import type { Pin } from './pins.ts';
import type { Pool } from './pool.ts';

/** Characters of a page. */
const longest = 20_000;

/** Everything that a model would be told of the tools that wait, so that nothing is approved unread. */
export function wordsPanel(pool: Pick<Pool, 'tools'>): CockpitPanelSpec {
  return {
    id: 'words',
    title: 'What MCP tools say that wait for approval',
    view: async () => {
      const waiting = (await pool.tools()).filter(({ state }) => state === 'new' || state === 'changed');
      return { kind: 'text', text: pageOf(waiting) };
    },
  };
}

/** Each tool whole; those that have no more room come once these are approved. */
export function pageOf(
  waiting: readonly Pick<Pin, 'server' | 'tool' | 'sha256' | 'description' | 'inputSchema'>[],
): string {
  const parts: string[] = [];
  let room = longest - 200;
  for (const pin of waiting) {
    const { server, tool, sha256, description, inputSchema } = pin;
    const part = [
      `${server} ${tool} ${sha256}`,
      seenDescription(server, tool, description),
      `input: ${JSON.stringify(seenSchema(inputSchema))}`,
    ].join('\n');
    room -= part.length + 2;
    if (room < 0) break;
    parts.push(part);
  }
  const more = waiting.length - parts.length;
  if (waiting.length === 0) return 'No tool of an MCP server waits.';
  return [...parts, ...(more > 0 ? [`${more} more: they are shown once these are approved.`] : [])].join(
    '\n\n',
  );
}
