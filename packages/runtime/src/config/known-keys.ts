import type { z } from 'zod';
import { configSchema } from './schema.ts';

/** Keys that hold or name what opens something, and addresses that alone are as good as a key. */
const secretKey = /(?:^|\.)(?:store\.(?:url|migrationUrl)|chain\.checkpoint\.key|alerts\.deadMan\.url)$/;
const secretName = /(?:secret|token|password|passphrase|credential|apikey|api_key|private)/i;
/** What is each plugin's own is shown by its plugin, whose schema says what is secret in it. */
export const ofPlugins = 'plugins.config';

/** The schema's own fields, in its order, without the one for editors. */
export const leaves: readonly string[] = leavesOf(configSchema).filter((key) => key !== '$schema');

/** Whether the schema has such a key; a block of a plugin is none of these. */
export function isKnownKey(key: string): boolean {
  return leaves.includes(key) && key !== ofPlugins;
}

export function isSecretKey(key: string): boolean {
  return secretKey.test(key) || secretName.test(key);
}

/** The dotted paths of a schema's own fields. */
function leavesOf(schema: z.core.$ZodType, path = ''): string[] {
  // The union of all definitions is what zod itself hands to whoever walks a schema.
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return Object.entries(def.shape).flatMap(([key, value]) =>
        leavesOf(value, path === '' ? key : `${path}.${key}`),
      );
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
      return leavesOf(def.innerType, path);
    default:
      return path === '' ? [] : [path];
  }
}
