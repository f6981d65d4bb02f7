import type * as shape from '../shapes.ts';

/** The API's questions about tools. */
export interface ToolHouse {
  /** By name; of a route, what is offered on it. */
  tools(query: { readonly route?: string | undefined }): Promise<shape.ToolRow[]>;
  /** Throws KORA_TOOL_UNKNOWN. */
  tool(name: string): Promise<shape.ToolDetail>;
}
