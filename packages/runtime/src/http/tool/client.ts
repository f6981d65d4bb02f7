import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import * as shape from '../contract.ts';

/** The part of the typed API that is about tools. */
export function toolClient({ read }: Pick<ChainCalls, 'read'>) {
  return {
    /** All of them, or what is offered on a route. */
    tools: (query: { readonly route?: string } = {}) =>
      read('/api/tools', z.array(shape.toolSchema), { route: query.route }),
    tool: (name: string) => read(`/api/tools/${encodeURIComponent(name)}`, shape.toolDetailSchema),
  };
}
