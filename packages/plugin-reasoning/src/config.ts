import type { ModelTier } from '@kora/runtime/plugin';
import { z } from 'zod';

export const providerKinds = ['anthropic', 'openai', 'openai-compatible'] as const;
export type ProviderKind = (typeof providerKinds)[number];

/** The secrets that the manifest declares. */
export const keyNames = ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'COMPATIBLE_API_KEY'] as const;
export type KeyName = (typeof keyNames)[number];

export interface ProviderConfig {
  readonly kind: ProviderKind;
  /** Default the vendor's own; `openai-compatible` has none. */
  readonly baseUrl?: string | undefined;
  /** The secret that holds the key; default by kind. */
  readonly secret?: KeyName | undefined;
  /** Sent with each request. Their values are never shown. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of `openai`: which of its two interfaces. Default `responses` at OpenAI itself, `chat` at another `baseUrl`. */
  readonly api?: 'chat' | 'responses' | undefined;
}

/** Dollars for a million tokens, as the vendors' pages say it. */
export interface PriceConfig {
  readonly input: number;
  readonly output: number;
  /** Default `input`. */
  readonly cacheRead?: number | undefined;
  /** Default `input`. */
  readonly cacheWrite?: number | undefined;
}

/** What is left out is taken from the catalogue, where the model is in it. */
export interface ModelConfig {
  /** Default `id`. What overrides and figures name. */
  readonly name?: string | undefined;
  /** A key of `providers`; `anthropic` and `openai` are always there. */
  readonly provider: string;
  /** As the provider calls it. */
  readonly id: string;
  readonly tier?: ModelTier | undefined;
  readonly contextTokens?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly price?: PriceConfig | undefined;
}

export interface CallConfig {
  /** Tokens one answer may have, thinking included. Default 8 192. */
  readonly outputTokens: number;
  /** Further attempts before the first token of an answer. Default 2. */
  readonly retries: number;
  /** Milliseconds to the first sign of an answer. Default 60 000. */
  readonly firstTokenMs: number;
  /** Milliseconds of silence in the midst of one. Default 60 000. */
  readonly silenceMs: number;
}

export interface ReasoningConfig {
  readonly providers: Readonly<Record<string, ProviderConfig>>;
  /** Default: those of the catalogue, for each provider that has a key. */
  readonly models: readonly ModelConfig[];
  /** Names of models to turn to when a provider is away; default those of other providers, of the same tier or lower. */
  readonly fallback?: readonly string[] | undefined;
  readonly calls: CallConfig;
}

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,99}$/, 'must be letters, digits and _ . : / -');

const provider = z.strictObject({
  kind: z.enum(providerKinds),
  baseUrl: z
    .string()
    .refine(isBare, 'must begin with http:// or https:// and have no user, password or query')
    .optional(),
  secret: z.enum(keyNames).optional(),
  headers: z.record(z.string(), z.string().meta({ sensitivity: 'secret' })).default({}),
  api: z.enum(['chat', 'responses']).optional(),
});

// Numbers that cannot be are not refused here: a block that does not fit only keeps the plugin away, and a price below
// nothing must stop the start.
const price = z.strictObject({
  input: z.number(),
  output: z.number(),
  cacheRead: z.number().optional(),
  cacheWrite: z.number().optional(),
});

const model = z.strictObject({
  name: name.optional(),
  provider: name,
  id: z.string().min(1).max(100),
  tier: z.enum(['small', 'standard', 'large']).optional(),
  contextTokens: z.number().int().min(1_000).max(10_000_000).optional(),
  maxOutputTokens: z.number().int().min(16).max(1_000_000).optional(),
  price: price.optional(),
});

const calls = z.strictObject({
  outputTokens: z.number().int().min(64).max(128_000).default(8_192),
  retries: z.number().int().min(0).max(5).default(2),
  firstTokenMs: z.number().int().min(100).max(900_000).default(60_000),
  silenceMs: z.number().int().min(100).max(900_000).default(60_000),
});

export const engineShape = {
  providers: z.record(name, provider).default({}),
  models: z.array(model).max(100).default([]),
  fallback: z.array(name).max(20).optional(),
  calls: calls.prefault({}),
};

/** What else an address could hold is a secret or a mistake, and it is shown to people. */
function isBare(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === '';
}
