import { z } from 'zod';
import { fault } from '../../fault/index.ts';
import type { FaultOptions } from '../../fault/index.ts';
import { reasonRoutes } from '../route/contract.ts';
import { visible } from '../quote/contract.ts';
import { neverOfTools, sideEffects } from './contract.ts';
import type { ToolSpec, ToolView } from './contract.ts';

const house = 'kora';
const defaultTimeoutMs = 10_000;
const defaultBytes = 16_384;
const largestSchema = 16_384;

/** A tool as it was registered, with what it left out filled in. */
export interface RegisteredTool {
  readonly spec: ToolSpec;
  /** The plugin that brought it, or `kora`. */
  readonly owner: string;
  /** What an untrusted plugin's tool answers is a stranger's word, whatever it says of itself. */
  readonly trusted: boolean;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly view: ToolView;
}

const schema = z.object({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9]*(?:_{1,2}[a-z0-9]+)*$/, 'must be small letters, digits and _')
    .max(64),
  description: z.string().trim().min(1).max(1_000),
  capability: z.string().min(1),
  sideEffects: z.enum(sideEffects),
  parallel: z.boolean().optional(),
  routes: z.array(z.enum(reasonRoutes)).min(1).optional(),
  snapshotField: z
    .string()
    .regex(/^[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*$/, 'must be like tickets or tickets.open')
    .max(100)
    .optional(),
  timeoutMs: z.number().int().min(1).max(60_000).default(defaultTimeoutMs),
  maxBytes: z.number().int().min(256).max(65_536).default(defaultBytes),
  run: z.custom<ToolSpec['run']>((run) => typeof run === 'function', 'must be a function'),
});

/** Every tool there is in this runtime, by name. */
export class ToolRegistry {
  readonly #tools = new Map<string, RegisteredTool>();
  readonly #isMapped: (capability: string) => boolean;

  constructor(isMapped: (capability: string) => boolean) {
    this.#isMapped = isMapped;
  }

  /**
   * Adds one and answers how to take it away. Throws KORA_TOOL_INVALID: for one that is malformed, of a capability that
   * nobody declares, or of one that stops, pauses or resumes; and KORA_TOOL_TAKEN.
   */
  register(spec: ToolSpec, { id, trusted }: { readonly id: string; readonly trusted: boolean }): () => void {
    const tool = registered(spec, id, trusted);
    const { name, capability } = tool.spec;
    if (neverOfTools.includes(capability))
      throw invalid(name, id, `is of ${capability}: nobody who thinks stops, pauses or resumes`);
    if (!this.#isMapped(capability))
      throw invalid(name, id, `is of ${capability}, which nobody declares`, { fix: 'kora capability list' });
    if (name.startsWith(`${house}__`) && id !== house)
      throw invalid(name, id, `begins with ${house}__, as only the runtime's own do`);
    const holder = this.#tools.get(name);
    if (holder !== undefined)
      throw fault('KORA_TOOL_TAKEN', `${id} brings a tool ${name}, which ${holder.owner} has`);
    this.#tools.set(name, tool);
    return () => {
      if (this.#tools.get(name) === tool) this.#tools.delete(name);
    };
  }

  get(name: string): RegisteredTool | undefined {
    return this.#tools.get(name);
  }

  /** By name. */
  list(): RegisteredTool[] {
    return [...this.#tools.values()].sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
  }
}

function registered(spec: ToolSpec, owner: string, trusted: boolean): RegisteredTool {
  // Plugins come from JavaScript too.
  const parsed = schema.safeParse(spec);
  if (!parsed.success) throw invalid(spec.name, owner, `is malformed: ${z.prettifyError(parsed.error)}`);
  const { timeoutMs, maxBytes, parallel, description, name, sideEffects: does } = parsed.data;
  const view: ToolView = {
    name,
    description: visible(description),
    inputSchema: inputSchemaOf(spec, owner),
    parallel: parallel ?? does === 'none',
    sideEffects: does,
  };
  return { spec, owner, trusted, timeoutMs, maxBytes, view };
}

function inputSchemaOf({ name, input }: ToolSpec, owner: string): Readonly<Record<string, unknown>> {
  let json: Record<string, unknown>;
  try {
    // Which draft it is, is said once for all tools, and not to a model with each.
    const { $schema: _draft, ...said } = z.toJSONSchema(input, {
      io: 'input',
      unrepresentable: 'any',
      reused: 'inline',
    });
    json = said;
  } catch (error) {
    throw invalid(name, owner, 'takes an input that no JSON Schema can say', { cause: error });
  }
  if (json['type'] !== 'object') throw invalid(name, owner, 'must take an object');
  if (JSON.stringify(json).length > largestSchema)
    throw invalid(name, owner, `takes an input whose schema is longer than ${largestSchema} characters`);
  return json;
}

function invalid(name: string, owner: string, why: string, options: FaultOptions = {}): Error {
  return fault('KORA_TOOL_INVALID', `tool ${name} of ${owner} ${why}`, options);
}
