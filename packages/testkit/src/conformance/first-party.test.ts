import cockpit from '@kora/cockpit';
import marvin from '@kora/plugin-marvin';
import email from '@kora/plugin-email';
import mcp from '@kora/plugin-mcp';
import probes from '@kora/plugin-probes';
import reasoning from '@kora/plugin-reasoning';
import slack from '@kora/plugin-slack';
import webhooks from '@kora/plugin-webhooks';
import loops from '@kora/promote-loops';
import { describe, expect, it } from 'vitest';
import { conformance } from './index.ts';

// From source, so that no build is needed; the entries of a release are checked where packages are packed.
const fromSource = { entry: './src/index.ts', nodeArgs: ['--conditions=@kora/source'] };

describe.each([
  ['@kora/cockpit', cockpit, 'cockpit'],
  ['@kora/plugin-marvin', marvin, 'plugin-marvin'],
  ['@kora/plugin-email', email, 'plugin-email'],
  ['@kora/plugin-mcp', mcp, 'plugin-mcp'],
  ['@kora/plugin-probes', probes, 'plugin-probes'],
  ['@kora/plugin-reasoning', reasoning, 'plugin-reasoning'],
  ['@kora/plugin-slack', slack, 'plugin-slack'],
  ['@kora/plugin-webhooks', webhooks, 'plugin-webhooks'],
  ['@kora/promote-loops', loops, 'promote-loops'],
])('%s conforms', (_name, plugin, folder) => {
  const packageDir = new URL(`../../../${folder}`, import.meta.url);
  it.each(conformance(plugin, { packageDir, ...fromSource }))('$title', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});
