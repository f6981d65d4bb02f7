import { expect, test } from 'vitest';
import { FakeClock } from '../clock/index.ts';
import { Access } from './access.ts';
import { Mounts } from './mounts.ts';
import { application } from './server.ts';
import { sample, scriptedHouse } from './testing/house.ts';
import { serverBench, token } from './testing/server.ts';
import { bootReportSchema } from './contract.ts';

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

interface Operation {
  readonly operationId: string;
  readonly security?: readonly unknown[];
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: unknown;
}

async function documentOf(): Promise<Document> {
  const { ask } = await serverBench({ closed: true });
  const { status, body } = await ask('GET', '/api/openapi.json');
  expect(status).toBe(200);
  return JSON.parse(body) as Document;
}

/** What the router has, as the document would write it; patterns that answer "not here" are no routes. */
function routed(): string[] {
  const clock = new FakeClock();
  const app = application({
    options: {
      host: '127.0.0.1',
      port: 0,
      token,
      clock,
      boot: () => sample(bootReportSchema),
      onError: () => undefined,
    },
    access: new Access({ token, clock, onError: () => undefined }),
    mounts: new Mounts(),
    port: () => 0,
    house: scriptedHouse,
    signal: new AbortController().signal,
  });
  return app.routes
    .filter(({ method, path }) => method !== 'ALL' && !path.includes('*'))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
}

test('the document has every route of the router, and no other', async () => {
  const { paths } = await documentOf();
  const told = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(told.sort()).toEqual(routed().sort());
  expect(told).toContain('POST /api/approvals/{id}/approve');
});

test('each reference leads somewhere, and each operation has a name of its own', async () => {
  const { paths, components } = await documentOf();
  const text = JSON.stringify({ paths, components });
  const referred = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target ?? '');
  expect(referred.length).toBeGreaterThan(0);
  const known = new Set(Object.keys(components.schemas).map((name) => `#/components/schemas/${name}`));
  expect(referred.filter((target) => !known.has(target))).toEqual([]);
  const names = Object.values(paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  expect(new Set(names).size).toBe(names.length);
});

test('it says what a mutation takes, and what lies in a path and behind its question mark', async () => {
  const { paths } = await documentOf();
  expect(paths['/api/stop']?.['post']?.requestBody).toMatchObject({
    content: {
      'application/json': {
        schema: {
          required: ['reason', 'level'],
          additionalProperties: false,
          properties: {
            level: { type: 'integer', minimum: 1, maximum: 5 },
            reason: { type: 'string', minLength: 1, maxLength: 2_000 },
            idempotencyKey: { type: 'string', minLength: 1, maxLength: 200 },
          },
        },
      },
    },
  });
  const named = (path: string): string[] | undefined =>
    paths[path]?.['get']?.parameters.map((each) => `${each.in} ${each.name}`);
  expect(named('/api/approvals/{id}')).toEqual(['path id']);
  expect(named('/api/spend')).toEqual(['query by', 'query windowMs']);
  expect(paths['/healthz']?.['get']?.security).toEqual([]);
});
