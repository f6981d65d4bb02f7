import { readFile } from 'node:fs/promises';
import { identitySpecSchema } from '@kora/runtime/plugin';
import type { IdentityProvider, PluginContext } from '@kora/runtime/plugin';
import { describe, expect, it } from 'vitest';
import marvin from './index.ts';

/** The one door this plugin uses; anything else it touched would be undefined and throw. */
async function registered(): Promise<IdentityProvider[]> {
  const providers: IdentityProvider[] = [];
  const context: Pick<PluginContext<unknown>, 'registerIdentityProvider'> = {
    registerIdentityProvider(provider) {
      providers.push(provider);
      return Promise.resolve({ dispose: () => Promise.resolve() });
    },
  };
  await marvin.register(context as PluginContext<unknown>);
  return providers;
}

async function ownManifest(): Promise<{ version: string; files: string[]; kora: Record<string, unknown> }> {
  return JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
}

describe('the Marvin plugin', () => {
  it('registers exactly what its manifest declares', async () => {
    const providers = await registered();
    const { kora } = await ownManifest();
    expect(marvin.id).toBe(kora['id']);
    const declared = Object.entries(kora['contributes'] as Record<string, string[]>).flatMap(
      ([kind, names]) => names.map((name) => `${kind}/${name}`),
    );
    expect(providers.map((provider) => `identities/${provider.name}`)).toEqual(declared);
  });

  it('provides a valid identity for any workspace', async () => {
    const [provider] = await registered();
    const spec = identitySpecSchema.parse(await provider?.provide({ workspace: 'default' }));
    expect(spec.metadata.agentName).toBe('Marvin');
    expect(spec.metadata.pluginName).toBe('marvin');
  });

  it('says the version that its package has', async () => {
    const [provider] = await registered();
    const spec = await provider?.provide({ workspace: 'default' });
    expect(spec?.metadata.agentVersion).toBe((await ownManifest()).version);
  });

  it('takes both texts from the files that the package ships', async () => {
    const [provider] = await registered();
    const spec = await provider?.provide({ workspace: 'default' });
    expect(spec?.soulMd).toBe(await readFile(new URL('../identity/soul.md', import.meta.url), 'utf8'));
    expect(spec?.systemPrompt).toBe(
      await readFile(new URL('../identity/system-prompt.md', import.meta.url), 'utf8'),
    );
    expect((await ownManifest()).files).toContain('identity');
  });

  it('promises the form that an investigation ends with', async () => {
    const [provider] = await registered();
    const spec = await provider?.provide({ workspace: 'default' });
    expect(spec?.systemPrompt).toContain('Next step: <');
  });
});
