import type { z } from 'zod';
import { preciseIssues } from './config-issues.ts';
import { refusal } from './reason.ts';

/**
 * Parses a plugin's block of the configuration with the plugin's own schema; an absent block is an empty one. Throws
 * the reason `config_invalid`, naming each key as the operator wrote it.
 */
export async function parseConfigBlock(
  id: string,
  schema: z.ZodType | undefined,
  block: unknown,
): Promise<unknown> {
  const given = block ?? {};
  if (schema === undefined) {
    const keys = typeof given === 'object' ? Object.keys(given) : ['(value)'];
    if (keys.length === 0) return {};
    throw invalid(id, [`plugins.config.${id}.${keys[0] ?? ''}: plugin ${id} takes no configuration`]);
  }
  const parsed = await schema.safeParseAsync(given);
  if (parsed.success) return parsed.data;
  throw invalid(
    id,
    preciseIssues(parsed.error.issues).map(
      ({ path, message }) => `${['plugins.config', id, ...path.map(String)].join('.')}: ${message}`,
    ),
  );
}

function invalid(id: string, problems: readonly string[]): Error {
  return refusal({
    code: 'config_invalid',
    message: problems.join('; '),
    fix: `correct plugins.config.${id} in kora.json`,
  });
}
