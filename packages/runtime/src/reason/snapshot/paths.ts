import { z } from 'zod';
import type { SnapshotSection } from './contract.ts';

/**
 * Every placeholder that a reply may hold, derived from what the sections say they are: `snapshot.tickets.open`, and for
 * a list by name `snapshot.service_health.services.*`.
 */
export function placeholderPaths(sections: readonly SnapshotSection[]): ReadonlySet<string> {
  const own = ['snapshot.computed_at', 'snapshot.schema_version'];
  const theirs = sections.flatMap(({ name, schema }) => [
    `snapshot.${name}.as_of`,
    ...scalarsOf(schema, `snapshot.${name}`),
  ]);
  return new Set([...own, ...theirs]);
}

function scalarsOf(schema: unknown, at: string): string[] {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional)
    return scalarsOf(schema.unwrap(), at);
  if (schema instanceof z.ZodObject) {
    const named = Object.entries(schema.shape).flatMap(([key, field]) => scalarsOf(field, `${at}.${key}`));
    // Fields whose names nobody knows beforehand are a list by name.
    return isScalar(schema.def.catchall) ? [...named, `${at}.*`] : named;
  }
  // Of a list by name every value is one scalar: what follows its path is the whole name, dots and all.
  if (schema instanceof z.ZodRecord) return isScalar(schema.valueType) ? [`${at}.*`] : [];
  return isScalar(schema) ? [at] : [];
}

function isScalar(schema: unknown): boolean {
  if (schema instanceof z.ZodNullable) return isScalar(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.every(isScalar);
  return (
    schema instanceof z.ZodString ||
    schema instanceof z.ZodNumber ||
    schema instanceof z.ZodBoolean ||
    schema instanceof z.ZodEnum ||
    schema instanceof z.ZodLiteral
  );
}
