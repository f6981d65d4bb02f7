// Runs wherever the package lies, with Node and @kora/runtime beside it and nothing else: `node --test test/`.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import marvin from '@kora/plugin-marvin';
import { identitySpecSchema, pluginApi } from '@kora/runtime/plugin';

/** The one door this plugin uses; anything else it touched would be undefined and throw. */
async function registered() {
  const providers = [];
  await marvin.register({
    async registerIdentityProvider(provider) {
      providers.push(provider);
      return { dispose: async () => undefined };
    },
  });
  return providers;
}

async function spec(workspace = 'default') {
  const [provider] = await registered();
  return provider.provide({ workspace });
}

const ownFile = (path) => readFile(new URL(`../${path}`, import.meta.url), 'utf8');
const manifest = JSON.parse(await ownFile('package.json'));

test('registers exactly what its manifest declares', async () => {
  const declared = Object.entries(manifest.kora.contributes).flatMap(([kind, names]) =>
    names.map((name) => `${kind}/${name}`),
  );
  const providers = await registered();
  assert.deepEqual(
    providers.map(({ name }) => `identities/${name}`),
    declared,
  );
  assert.equal(marvin.id, manifest.kora.id);
  assert.equal(manifest.kora.api, pluginApi);
});

test('provides a valid identity for any workspace, the same one each time', async () => {
  for (const workspace of ['default', 'another']) {
    const parsed = identitySpecSchema.parse(await spec(workspace));
    assert.equal(parsed.metadata.agentName, 'Marvin');
    assert.equal(parsed.metadata.pluginName, 'marvin');
  }
  assert.deepEqual(await spec('default'), await spec('another'));
});

test('says the version that its package has', async () => {
  assert.equal((await spec()).metadata.agentVersion, manifest.version);
});

test('takes both texts from the files that the package ships', async () => {
  const { soulMd, systemPrompt } = await spec();
  assert.equal(soulMd, await ownFile('identity/soul.md'));
  assert.equal(systemPrompt, await ownFile('identity/system-prompt.md'));
  for (const folder of ['dist', 'identity', 'test']) assert.ok(manifest.files.includes(folder), folder);
});

test('is data: it crosses to another process as it is', async () => {
  assert.deepEqual(structuredClone(await spec()), await spec());
});

test('promises the form that an investigation ends with', async () => {
  assert.match((await spec()).systemPrompt, /Next step: </);
});
