import { z } from 'zod';
import { fault } from '../fault/index.ts';
import { defaultVerdicts, risks } from './contract.ts';
import type { CapabilitySpec } from './contract.ts';
import { ownCapabilities } from './own.ts';

/** The owner of the runtime's own capabilities; no plugin can have this id. */
const house = 'kora';

const schema = z.object({
  id: z.string().regex(/^cap_[a-z][a-z0-9_]{2,60}$/, 'must be cap_ and 3 to 61 of a-z, 0-9 and _'),
  title: z.string().trim().min(1).max(200),
  risk: z.enum(risks),
  defaultVerdict: z.enum(defaultVerdicts),
});

export interface Capability extends CapabilitySpec {
  /** Plugin that declared it, or `kora`. */
  readonly owner: string;
}

/** Every capability there is in this runtime, by id. What is not in here is denied. */
export class Matrix {
  readonly #capabilities = new Map<string, Capability>();

  constructor() {
    for (const spec of ownCapabilities) this.register(spec, house);
  }

  /** Adds one and answers how to take it away. Throws KORA_PLUGIN_INVALID, or KORA_CAPABILITY_TAKEN naming who has it. */
  register(spec: CapabilitySpec, owner: string): () => void {
    const parsed = schema.safeParse(spec);
    if (!parsed.success)
      throw fault('KORA_PLUGIN_INVALID', `a capability of ${owner}: ${z.prettifyError(parsed.error)}`);
    const capability = { ...parsed.data, owner };
    const holder = this.#capabilities.get(capability.id);
    if (holder !== undefined)
      throw fault('KORA_CAPABILITY_TAKEN', `${owner} declares ${capability.id}, which ${holder.owner} has`);
    this.#capabilities.set(capability.id, capability);
    return () => {
      if (this.#capabilities.get(capability.id) === capability) this.#capabilities.delete(capability.id);
    };
  }

  get(id: string): Capability | undefined {
    return this.#capabilities.get(id);
  }

  /** By id. */
  list(): Capability[] {
    return [...this.#capabilities.values()].sort((a, b) => a.id.localeCompare(b.id, 'en'));
  }
}
