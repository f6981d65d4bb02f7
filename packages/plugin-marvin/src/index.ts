import { readFile } from 'node:fs/promises';
import { definePlugin, KoraError } from '@kora/runtime/plugin';
import type { IdentitySpec, Plugin } from '@kora/runtime/plugin';

const plugin: Plugin = definePlugin({
  id: 'marvin',
  async register(context) {
    // Read at registration: a parcel without its texts fails at load, where the operator sees it, not at first use.
    const marvin = await readIdentity();
    await context.registerIdentityProvider({
      name: 'marvin',
      provide: () => Promise.resolve(marvin),
    });
  },
});

export default plugin;

async function readIdentity(): Promise<IdentitySpec> {
  return {
    soulMd: await readOwn('identity/soul.md'),
    systemPrompt: await readOwn('identity/system-prompt.md'),
    metadata: { agentName: 'Marvin', agentVersion: await ownVersion(), pluginName: 'marvin' },
  };
}

async function ownVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readOwn('package.json'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return String(version);
}

/** A file of this package. `src/` and `dist/` lie side by side, so one step up is right in both. */
async function readOwn(path: string): Promise<string> {
  try {
    return await readFile(new URL(`../${path}`, import.meta.url), 'utf8');
  } catch (cause) {
    throw new KoraError('PLUGIN_MARVIN_FILE_MISSING', `@kora/plugin-marvin came without its file ${path}`, {
      fix: 'npm install @kora/plugin-marvin',
      details: { path },
      cause,
    });
  }
}
