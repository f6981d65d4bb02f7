import { KoraError } from '@kora/runtime/plugin';
import type { ModelPrice, ModelSpec } from '@kora/runtime/plugin';
import type {
  KeyName,
  ModelConfig,
  PriceConfig,
  ProviderConfig,
  ProviderKind,
  ReasoningConfig,
} from '../config.ts';
import { catalogueOf, inCatalogue } from './catalogue.ts';

export interface Provider {
  readonly name: string;
  readonly kind: ProviderKind;
  readonly baseUrl: string;
  readonly secret: KeyName;
  /** A server of one's own may ask for none. */
  readonly keyNeeded: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly api: 'chat' | 'responses';
}

/** A model that may be called. */
export interface Model extends ModelSpec {
  /** As the provider calls it. */
  readonly id: string;
}

export interface Settings {
  readonly providers: ReadonlyMap<string, Provider>;
  /** Empty: nobody has configured anything. */
  readonly models: readonly Model[];
  readonly fallback: readonly string[] | null;
}

const own: Readonly<Record<'anthropic' | 'openai', string>> = {
  anthropic: 'https://api.anthropic.com/v1',
  openai: 'https://api.openai.com/v1',
};
const keyOf: Readonly<Record<ProviderKind, KeyName>> = {
  anthropic: 'ANTHROPIC_API_KEY',
  openai: 'OPENAI_API_KEY',
  'openai-compatible': 'COMPATIBLE_API_KEY',
};
const bare = { headers: {} } as const;
const builtIn: Readonly<Record<string, ProviderConfig>> = {
  anthropic: { kind: 'anthropic', ...bare },
  openai: { kind: 'openai', ...bare },
};
/** For a model of which nobody said what it holds. */
const modestContext = 32_768;
const modestOutput = 4_096;
const microDollars = 1_000_000;

/**
 * What the configuration and the keys there are come to. Throws PLUGIN_REASONING_CONTRADICTION, with everything that
 * contradicts, so that whoever wrote it mends it once.
 */
export function settingsOf(config: ReasoningConfig, keys: ReadonlySet<KeyName>): Settings {
  const problems: string[] = [];
  const providers = new Map<string, Provider>();
  for (const [name, said] of Object.entries({ ...builtIn, ...config.providers }))
    providers.set(name, providerFrom(name, said, problems));
  const models = modelsOf(config, providers, keys, problems);
  const names = new Set<string>();
  for (const { name } of models) {
    if (names.has(name)) problems.push(`two models are called ${name}`);
    names.add(name);
  }
  for (const name of config.fallback ?? [])
    if (!names.has(name)) problems.push(`fallback names ${name}, and no model is called that`);
  if (problems.length > 0) {
    throw new KoraError(
      'PLUGIN_REASONING_CONTRADICTION',
      `the configuration of reasoning contradicts itself: ${problems.join('; ')}`,
      { fix: 'mend plugins.config.reasoning in kora.json', details: { problems } },
    );
  }
  return { providers, models, fallback: config.fallback ?? null };
}

function providerFrom(name: string, said: ProviderConfig, problems: string[]): Provider {
  const { kind, headers } = said;
  const baseUrl = said.baseUrl ?? (kind === 'openai-compatible' ? '' : own[kind]);
  if (baseUrl === '') problems.push(`provider ${name} is openai-compatible and has no baseUrl`);
  if (said.api !== undefined && kind !== 'openai')
    problems.push(`provider ${name} is ${kind}, and api is for openai`);
  return {
    name,
    kind,
    baseUrl: baseUrl.replace(/\/+$/, ''),
    secret: said.secret ?? keyOf[kind],
    keyNeeded: kind !== 'openai-compatible' || said.secret !== undefined,
    headers,
    api: said.api ?? (said.baseUrl === undefined ? 'responses' : 'chat'),
  };
}

function modelsOf(
  config: ReasoningConfig,
  providers: ReadonlyMap<string, Provider>,
  keys: ReadonlySet<KeyName>,
  problems: string[],
): Model[] {
  if (config.models.length > 0) {
    return config.models.flatMap((said) => {
      const provider = providers.get(said.provider);
      if (provider !== undefined) return modelFrom(said, provider, problems);
      problems.push(`model ${said.name ?? said.id} names provider ${said.provider}, which is not there`);
      return [];
    });
  }
  // A key alone, or a provider alone, is enough: the catalogue has the rest.
  const wanted = [...providers.values()].filter(
    ({ name, secret }) => Object.hasOwn(config.providers, name) || keys.has(secret),
  );
  return wanted.flatMap((provider) => {
    const rows = catalogueOf(provider.kind);
    if (rows.length === 0) problems.push(`provider ${provider.name} has no models: name them`);
    // Two providers of one kind would have two models of one name.
    const prefix = provider.name === provider.kind ? '' : `${provider.name}/`;
    return rows.map(({ id }) =>
      modelFrom({ provider: provider.name, id, name: `${prefix}${id}` }, provider, problems),
    );
  });
}

function modelFrom(said: ModelConfig, provider: Provider, problems: string[]): Model {
  const row = inCatalogue(provider.kind, said.id);
  const name = said.name ?? said.id;
  const tier = said.tier ?? row?.tier;
  if (tier === undefined) problems.push(`model ${name} has no tier: small, standard or large`);
  const price = said.price ?? row?.price;
  if (price !== undefined && Object.values(price).some((each) => each !== undefined && !(each >= 0)))
    problems.push(`model ${name} has a price below nothing`);
  return {
    name,
    provider: provider.name,
    id: said.id,
    tier: tier ?? 'large',
    contextTokens: said.contextTokens ?? row?.contextTokens ?? modestContext,
    maxOutputTokens: Math.min(
      said.maxOutputTokens ?? row?.maxOutputTokens ?? modestOutput,
      said.contextTokens ?? row?.contextTokens ?? modestContext,
    ),
    price: price === undefined ? null : priceFrom(price, provider.kind),
  };
}

/** Anthropic takes a quarter more for what is written to its cache, as it is asked to here; nobody else takes anything. */
const cacheWriteShare: Readonly<Record<ProviderConfig['kind'], number>> = {
  anthropic: 1.25,
  openai: 1,
  'openai-compatible': 1,
};

function priceFrom(
  { input, output, cacheRead = input, cacheWrite }: PriceConfig,
  kind: ProviderConfig['kind'],
): ModelPrice {
  const micro = (dollars: number): number => Math.round(dollars * microDollars);
  return {
    input: micro(input),
    output: micro(output),
    cacheRead: micro(cacheRead),
    cacheWrite: micro(cacheWrite ?? cacheWriteShare[kind] * input),
  };
}
