import { expect, test } from 'vitest';
import { z } from 'zod';
import { preciseIssues } from './config-issues.ts';

const schema = z.fromJSONSchema({
  type: 'object',
  properties: {
    probes: {
      type: 'array',
      items: {
        oneOf: [
          shape('http', { url: { type: 'string' } }, ['url']),
          shape('disk', { everyMs: { type: 'integer', minimum: 100 } }),
        ],
      },
    },
    expect: { anyOf: [{ type: 'number' }, { type: 'string' }] },
  },
  additionalProperties: false,
});

function shape(kind: string, properties: object, required: readonly string[] = []) {
  return {
    type: 'object' as const,
    properties: { kind: { const: kind }, ...properties },
    required: ['kind', ...required],
    additionalProperties: false,
  };
}

function told(given: unknown): string[] {
  const { error } = schema.safeParse(given);
  return preciseIssues(error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test.each([
  [{ probes: [{ kind: 'disk', evryMs: 3 }] }, 'probes.0: Unrecognized key: "evryMs"'],
  [{ probes: [{ kind: 'disk', everyMs: 3 }] }, 'probes.0.everyMs: Too small: expected number to be >=100'],
  [{ probes: [{ kind: 'http' }] }, 'probes.0.url: Invalid input: expected string, received undefined'],
  [{ probes: [{ kind: 'gopher' }] }, 'probes.0.kind: must be one of http, disk'],
  [{ expect: true }, 'expect: Invalid input: expected number, received boolean'],
  [{ probs: [] }, ': Unrecognized key: "probs"'],
])('of %j it is said where and what', (given, message) => {
  expect(told(given)).toEqual([message]);
});
