import type { ToolView } from './contract.ts';
import { isMarked, recordable } from './recorded.ts';

/**
 * What is sent to a model and what it answers, as it may be kept: where it asks for a tool, what that tool marks as secret in
 * its input is taken out. A wish is whatever has the name of such a tool beside an input, wherever an engine keeps it.
 */
export function withoutMarked(value: unknown, tools: readonly ToolView[]): unknown {
  const marked = new Map(
    tools.filter(({ inputSchema }) => isMarked(inputSchema)).map((tool) => [tool.name, tool.inputSchema]),
  );
  return marked.size === 0 ? value : without(value, marked);
}

function without(value: unknown, marked: ReadonlyMap<string, ToolView['inputSchema']>): unknown {
  if (Array.isArray(value)) return value.map((each) => without(each, marked));
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  const tool = fields['toolName'] ?? fields['name'];
  const schema = typeof tool === 'string' ? marked.get(tool) : undefined;
  return Object.fromEntries(
    Object.entries(fields).map(([name, each]) => [
      name,
      name === 'input' && schema !== undefined ? recordable(schema, each) : without(each, marked),
    ]),
  );
}
