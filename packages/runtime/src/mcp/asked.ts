import { fault } from '../fault/index.ts';
import type { McpTool } from './contract.ts';

const longestWord = 200;
/** What the door takes as a reason. */
const longestReason = 1_000;
/** Of what a call says, what the operator reads who is asked about it; the rest of its arguments is kept nowhere. */
const shown = ['level', 'kind', 'title', 'reason'] as const;

/** The caller's own words for a question to the operator, as `level 2, reason "deploy"`; undefined where it has none. */
export function wordsOf(input: object): string | undefined {
  const given = new Map<string, unknown>(Object.entries(input));
  const words = shown.flatMap((name) => {
    const value = given.get(name);
    if (typeof value === 'number') return [`${name} ${value}`];
    if (typeof value !== 'string') return [];
    return [`${name} ${JSON.stringify(value.slice(0, longestWord).toWellFormed())}`];
  });
  return words.length === 0 ? undefined : words.join(', ').slice(0, longestReason).toWellFormed();
}

/** What nobody's word lets through is refused before anybody is asked. Throws KORA_STOP_REFUSED. */
export function refuseForGood(tool: McpTool, input: object): void {
  if (tool !== 'kora__request_stop') return;
  const level: unknown = 'level' in input ? input.level : undefined;
  if (level === 1 || level === 2) return;
  throw fault('KORA_STOP_REFUSED', `an MCP caller may stop at level 1 or 2, and not ${String(level)}`, {
    fix: `kora stop --level L${String(level)} --reason '...'`,
  });
}
