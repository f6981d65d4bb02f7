import { z } from 'zod';
import type { PluginContext } from '../contract.ts';
import { isRebuildable } from '../json-schema.ts';
import type { JsonSchema } from '../json-schema.ts';
import { parsed } from './arrivals.ts';

const secretName: z.ZodType<{ name: string }> = z.object({ name: z.string().min(1).max(100) });

const loaded = z.object({ configSchema: z.record(z.string(), z.unknown()).optional() });

/** The schema of its configuration in a guest's answer to `load`; undefined where there is none that could be believed. */
export function configSchemaIn(answer: unknown): JsonSchema | undefined {
  const schema = loaded.safeParse(answer).data?.configSchema;
  return schema !== undefined && isRebuildable(schema) ? schema : undefined;
}

/** What a guest may ask about itself and the house it is in: who speaks there, and its own secrets, one by one. */
export function ownMethods(
  context: PluginContext<unknown>,
): [string, (params: unknown) => Promise<unknown>][] {
  return [
    ['identity.current', () => context.identity.current()],
    [
      'secret',
      // Undefined does not cross by itself.
      async (params) => ({ value: await context.secret(parsed(secretName, params).name) }),
    ],
  ];
}
