import { z } from 'zod';

/** Who the runtime is when it speaks and thinks. */
export interface IdentitySpec {
  readonly soulMd: string;
  readonly systemPrompt: string;
  readonly metadata: {
    readonly agentName: string;
    readonly agentVersion: string;
    readonly pluginName: string;
  };
}

/** Who speaks in a workspace now, with the hash that names the exact texts: what reasoning records beside its answer. */
export interface ResolvedIdentity extends IdentitySpec {
  /** The provider's name: what `kora identity use` takes. */
  readonly name: string;
  /** The plugin that brought it; `kora` for the built-in one. */
  readonly pluginName: string;
  /** Hex SHA-256 over the canonical form of the spec. */
  readonly hash: string;
}

export interface IdentityQuery {
  readonly workspace: string;
}

export interface IdentityProvider {
  /** `^[a-z][a-z0-9-]*$`; what `kora identity use` names. */
  readonly name: string;
  /** Null when this provider does not claim the workspace. */
  provide(query: IdentityQuery): Promise<IdentitySpec | null>;
}

/** Both texts must say something; checked wherever a spec comes from outside. */
export const identitySpecSchema: z.ZodType<IdentitySpec> = z.object({
  soulMd: z.string().trim().min(1),
  systemPrompt: z.string().trim().min(1),
  metadata: z.object({
    agentName: z.string().min(1),
    agentVersion: z.string().min(1),
    pluginName: z.string().min(1),
  }),
});
