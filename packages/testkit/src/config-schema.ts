import { fault } from '@kora/runtime/testkit';
import { messageOf } from '@kora/runtime/plugin';
import type { Plugin } from '@kora/runtime/plugin';
import { z } from 'zod';

/**
 * The plugin's configuration as JSON Schema: what an operator may write. Throws KORA_PLUGIN_INVALID for a schema that
 * holds what JSON cannot say, such as a date or a class.
 */
export function configSchemaOf({ id, config }: Plugin): Readonly<Record<string, unknown>> | undefined {
  if (config === undefined) return undefined;
  try {
    return z.toJSONSchema(config, { io: 'input' });
  } catch (cause) {
    throw fault(
      'KORA_PLUGIN_INVALID',
      `the configuration of ${id} cannot be written as JSON Schema: ${messageOf(cause)}`,
      { fix: 'use what JSON can say: text, numbers, booleans, lists and objects', cause },
    );
  }
}
