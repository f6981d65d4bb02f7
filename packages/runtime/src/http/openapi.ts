import { z } from 'zod';
import * as shape from './contract.ts';
import { logNewsSchema } from './page/contract.ts';
import { liveSignSchema } from './reason/contract.ts';

/** A route as it was registered: what the document says of it. */
export interface Operation {
  readonly method: 'get' | 'post';
  /** From the root, as the router has it: `/api/tickets/:id`. */
  readonly path: string;
  readonly answer: z.ZodType;
  /** Of the answer; `application/json` where nothing is said. */
  readonly media?: string;
  readonly query?: z.ZodType | undefined;
  readonly body?: z.ZodType;
  /** Served to anybody. */
  readonly isOpen?: boolean;
}

/** The version of the contract, not of the build: it changes when a client would have to. */
const contractVersion = '1';
const json = 'application/json';
/** Parameters of paths that are numbers. */
const numbers = new Set(['id', 'seq']);

/** The routes that no table of reads and mutations has. */
export const standingOperations: readonly Operation[] = [
  { method: 'get', path: '/healthz', answer: z.object({ alive: z.literal(true) }), isOpen: true },
  { method: 'get', path: '/readyz', answer: shape.readinessSchema, isOpen: true },
  {
    method: 'post',
    path: '/api/pair',
    body: shape.pairSchema,
    answer: z.object({ ok: z.literal(true) }),
    isOpen: true,
  },
  { method: 'post', path: '/csp', body: z.unknown(), answer: z.unknown(), isOpen: true },
  {
    method: 'get',
    path: '/api/events/stream',
    answer: z.union([shape.eventSchema, shape.heartbeatSchema]),
    media: 'text/event-stream',
  },
  {
    method: 'get',
    path: '/api/reason/live',
    answer: liveSignSchema,
    query: z.object({ key: z.string().optional(), run: z.string().optional() }),
    media: 'text/event-stream',
  },
  { method: 'get', path: '/api/logs/stream', answer: logNewsSchema, media: 'text/event-stream' },
  { method: 'get', path: '/api/openapi.json', answer: z.record(z.string(), z.unknown()) },
];

/** The API in OpenAPI 3.1, made from the schemas that parse what comes and type what goes. */
export function openApi(operations: readonly Operation[]): object {
  const book = new SchemaBook();
  const problem = book.answer(shape.problemSchema);
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    const path = operation.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [operation.method]: described(operation, book, problem) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Kora',
      version: contractVersion,
      description:
        'Reads answer {status, asOf, data}. Mutations take a reason; those that take an idempotencyKey do what was asked once for it.',
    },
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'api-token in the home' },
        session: { type: 'apiKey', in: 'cookie', name: 'kora_session_<port>' },
      },
      schemas: book.shared,
    },
  };
}

function described(operation: Operation, book: SchemaBook, problem: object): object {
  const { method, path, answer, media = json, query, body, isOpen } = operation;
  const words = path.match(/[\w-]+/g) ?? [];
  return {
    operationId: [method, ...words.filter((word) => word !== 'api')].join('_').replaceAll('-', '_'),
    ...(isOpen === true ? { security: [] } : {}),
    parameters: [...pathParameters(path), ...queryParameters(query)],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { [json]: { schema: taken(body) } } } }),
    responses: {
      200: { description: 'done', content: { [media]: { schema: book.answer(answer) } } },
      default: { description: 'refused', content: { [json]: { schema: problem } } },
    },
  };
}

function pathParameters(path: string): object[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: numbers.has(name) ? { type: 'integer', minimum: 1 } : { type: 'string' },
  }));
}

function queryParameters(query: z.ZodType | undefined): object[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = taken(query);
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

/** As somebody has to send it. */
function taken(schema: z.ZodType): z.core.JSONSchema.BaseSchema {
  const { $schema: _, ...bare } = z.toJSONSchema(schema, { io: 'input' });
  return bare;
}

/** Schemas that have a name in the contract are told once, and referred to by it. */
class SchemaBook {
  readonly shared: Record<string, unknown> = {};
  readonly #named = z.registry<{ id: string }>();

  constructor() {
    for (const [name, schema] of Object.entries(shape)) {
      if (schema instanceof z.ZodType && name.endsWith('Schema')) {
        const id = name.slice(0, -'Schema'.length);
        this.#named.add(schema, { id: id[0]?.toUpperCase() + id.slice(1) });
      }
    }
  }

  /** As it is answered. */
  answer(schema: z.ZodType): object {
    // Wrapped: a schema with a name is referred to only from inside of another.
    const told = z.toJSONSchema(z.tuple([schema]), { metadata: this.#named });
    const { prefixItems, $defs } = JSON.parse(
      JSON.stringify(told).replaceAll('"#/$defs/', '"#/components/schemas/'),
    ) as { prefixItems: readonly object[]; $defs?: Record<string, unknown> };
    Object.assign(this.shared, $defs);
    return prefixItems[0] ?? {};
  }
}
