import type { LanguageModel } from 'ai';
import type { Model, Provider } from '../engine/settings.ts';

/** `LanguageModel` is also a name to be looked up elsewhere: never here. */
export type SpeakingModel = Exclude<LanguageModel, string>;

/**
 * A model of a provider, ready to be called. The SDK of a provider is loaded when its first model is asked for, so that a
 * home that thinks nothing pays for none.
 */
export async function speakingModel(
  provider: Provider,
  model: Pick<Model, 'id'>,
  key: string | undefined,
): Promise<SpeakingModel> {
  const { baseUrl: baseURL, headers, name, kind } = provider;
  switch (kind) {
    case 'anthropic': {
      const { createAnthropic } = await import('@ai-sdk/anthropic');
      return createAnthropic({ baseURL, headers: { ...headers }, apiKey: key ?? '' })(model.id);
    }
    case 'openai': {
      const { createOpenAI } = await import('@ai-sdk/openai');
      const openai = createOpenAI({ baseURL, headers: { ...headers }, apiKey: key ?? '' });
      return provider.api === 'chat' ? openai.chat(model.id) : openai.responses(model.id);
    }
    case 'openai-compatible': {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
      const keyed = key === undefined ? {} : { apiKey: key };
      return createOpenAICompatible({ name, baseURL, headers: { ...headers }, includeUsage: true, ...keyed })(
        model.id,
      );
    }
  }
}
