import type { ServerTool } from './pins.ts';

/** Tools of one server that are looked at. */
export const mostTools = 200;
const longestName = 128;
/** Characters of everything that is said of one tool: what does not fit on a page is approved unread. */
const mostWords = 16_000;
/** Of a description, as models are given it. */
const longestDescription = 1_000;

export interface Fitting {
  readonly taken: readonly ServerTool[];
  /** How many are left out: too long, too many, or with letters that no store keeps. */
  readonly left: number;
}

/**
 * Those tools of a server that can be kept and shown. Each is judged by itself: one that cannot be kept must not hide what
 * became of the others.
 */
export function fitting(tools: readonly ServerTool[]): Fitting {
  const taken = tools.filter(fits).slice(0, mostTools);
  return { taken, left: tools.length - taken.length };
}

/** Nul, and half a character. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/i;

function fits({ name, title, description, inputSchema }: ServerTool): boolean {
  if (!/^[\x21-\x7e]+$/.test(name) || name.length > longestName) return false;
  try {
    const said = JSON.stringify([title, description, inputSchema]);
    return said.length <= mostWords && !unstorable.test(said);
  } catch {
    return false; // deeper than can be written
  }
}

/** A text of a server without what a model reads and a person does not see: controls, and marks without a form. */
export function seenText(text: string): string {
  return text.replaceAll(/[^\P{C}\n\t]/gu, '').replaceAll(/\n{2,}/g, '\n');
}

/** Words that a model is not shown, and patterns: which strings fit is for the server to say, and may take it for ever. */
const dropped = new Set(['$comment', 'pattern', 'patternProperties']);

/** The input of a tool as it is offered. */
export function seenSchema(schema: unknown): unknown {
  if (typeof schema === 'string') return seenText(schema);
  if (Array.isArray(schema)) return schema.map(seenSchema);
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.entries(schema).filter(
    ([key, value]) => !dropped.has(key) || isProperty(key, value),
  );
  return Object.fromEntries(members.map(([key, value]) => [seenText(key), seenSchema(value)]));
}

/** One that is called so: what stands there is a schema and no text. */
function isProperty(key: string, value: unknown): boolean {
  return key !== 'patternProperties' && typeof value === 'object';
}

/** What a model is told of a tool beside its input. */
export function seenDescription(server: string, tool: string, description: string): string {
  return `${tool} of the MCP server ${server}, in its words: ${seenText(description)}`
    .slice(0, longestDescription)
    .toWellFormed();
}
