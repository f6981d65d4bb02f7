import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeClock, systemClock } from '../clock/index.ts';
import { Identities } from './index.ts';
import type { IdentityProvider, IdentitySpec } from './index.ts';

const spec = (agentName: string): IdentitySpec => ({
  soulMd: `# ${agentName}`,
  systemPrompt: `You are ${agentName}.`,
  metadata: { agentName, agentVersion: '1', pluginName: 'p' },
});
const says = (
  name: string,
  answer: () => Promise<unknown> = () => Promise.resolve(spec(name)),
): IdentityProvider => ({
  name,
  provide: answer as IdentityProvider['provide'],
});
const home = { workspace: 'default', chosen: null, order: [] };

function identities(...providers: readonly IdentityProvider[]): Identities {
  const all = new Identities('1.2.3', systemClock());
  for (const provider of providers) all.register(provider, `plugin-${provider.name}`);
  return all;
}

test('with nobody else, Kora is Kora', async () => {
  const kora = await identities().resolve(home);
  expect(kora).toMatchObject({ name: 'kora', metadata: { agentName: 'Kora', agentVersion: '1.2.3' } });
  expect(kora.soulMd).not.toBe('');
});

test('the only plugin that claims the workspace is who speaks', async () => {
  const none = says('quiet', () => Promise.resolve(null));
  expect((await identities(says('marvin'), none).resolve(home)).name).toBe('marvin');
});

test('two claims without an order are an error that names both and how to choose', async () => {
  await expect(identities(says('marvin'), says('eddie')).resolve(home)).rejects.toMatchObject({
    code: 'KORA_IDENTITY_AMBIGUOUS',
    message: expect.stringMatching(/marvin \(plugin-marvin\) and eddie \(plugin-eddie\)/) as string,
    fix: 'kora identity use marvin',
  });
});

test('the first of the order that claims the workspace wins', async () => {
  const quiet = says('quiet', () => Promise.resolve(null));
  const order = ['ghost', 'quiet', 'eddie', 'marvin'];
  expect((await identities(says('marvin'), says('eddie'), quiet).resolve({ ...home, order })).name).toBe(
    'eddie',
  );
});

test('the chosen one wins over the order, and may be Kora', async () => {
  const all = identities(says('marvin'), says('eddie'));
  expect((await all.resolve({ ...home, order: ['eddie'], chosen: 'marvin' })).name).toBe('marvin');
  expect((await all.resolve({ ...home, chosen: 'kora' })).name).toBe('kora');
});

test('a choice that is gone is an error, not somebody else', async () => {
  await expect(identities(says('marvin')).resolve({ ...home, chosen: 'eddie' })).rejects.toMatchObject({
    code: 'KORA_IDENTITY_UNKNOWN',
    message: expect.stringContaining('there is marvin, kora') as string,
  });
});

test.each([
  ['an empty soul', () => Promise.resolve({ ...spec('x'), soulMd: ' ' }), /soulMd/],
  ['no prompt', () => Promise.resolve({ ...spec('x'), systemPrompt: undefined }), /systemPrompt/],
  ['a throw', () => Promise.reject(new Error('no file')), /threw: no file/],
])('a provider with %s is refused, naming it and its plugin', async (_, answer, why) => {
  const resolved = identities(says('marvin', answer)).resolve(home);
  await expect(resolved).rejects.toMatchObject({ code: 'KORA_IDENTITY_INVALID' });
  await expect(resolved).rejects.toThrow(/identity marvin of plugin plugin-marvin/);
  await expect(resolved).rejects.toThrow(why);
});

test('a broken provider does not keep the chosen one from speaking', async () => {
  const broken = says('broken', () => Promise.reject(new Error('no')));
  expect((await identities(broken, says('marvin')).resolve({ ...home, chosen: 'marvin' })).name).toBe(
    'marvin',
  );
});

test('the hash names the exact texts', async () => {
  const hashes = await Promise.all(
    [spec('a'), spec('a'), { ...spec('a'), soulMd: '# b' }].map(
      async (answer) => (await identities(says('x', () => Promise.resolve(answer))).resolve(home)).hash,
    ),
  );
  expect(hashes[0]).toBe(hashes[1]);
  expect(hashes[0]).not.toBe(hashes[2]);
});

test('the order reversed, the winner is the other one (daemon defect §20.2 W10)', async () => {
  const all = identities(says('marvin'), says('eddie'));
  const winner = async (...order: readonly string[]): Promise<string> =>
    (await all.resolve({ ...home, order })).name;
  expect([await winner('marvin', 'eddie'), await winner('eddie', 'marvin')]).toEqual(['marvin', 'eddie']);
});

test('one provider, two workspaces, two identities: each is asked about its own (daemon defect §20.2 W17)', async () => {
  const perHouse: IdentityProvider = {
    name: 'doors',
    provide: ({ workspace }) =>
      Promise.resolve(workspace === 'loading-bay' ? null : spec(`Door of ${workspace}`)),
  };
  const all = identities(perHouse);
  const of = (workspace: string) => all.resolve({ ...home, workspace });
  const [north, south, bay] = await Promise.all([of('north'), of('south'), of('loading-bay')]);
  expect([north.metadata.agentName, south.metadata.agentName]).toEqual(['Door of north', 'Door of south']);
  expect(north.hash).not.toBe(south.hash);
  expect(bay.name).toBe('kora');
});

test('a provider that never answers is refused when its time is over (daemon defect §20.2 W12)', async () => {
  const clock = new FakeClock();
  const all = new Identities('1', clock);
  all.register(
    says('marvin', () => new Promise(() => undefined)),
    'plugin-marvin',
  );
  const asked = all.resolve({ ...home, chosen: 'marvin' });
  asked.catch(() => undefined); // it is looked at below
  await expect.poll(() => clock.sleeping).toBe(1);
  await clock.advance(5_000);
  await expect(asked).rejects.toMatchObject({
    code: 'KORA_IDENTITY_INVALID',
    message: expect.stringContaining('did not finish within 5000 ms') as string,
  });
});

test('a list shows who could not answer beside those who did', async () => {
  const broken = says('broken', () => Promise.reject(new Error('no file')));
  const look = await identities(broken, says('marvin')).look('default');
  expect(look.claims.map(({ name }) => name)).toEqual(['marvin', 'kora']);
  expect(look.broken).toMatchObject([{ name: 'broken', pluginName: 'plugin-broken' }]);
});

test('law: who speaks is the chosen one, else the first of the order that claims, else the only one, else Kora', async () => {
  const names = ['a', 'b', 'c', 'd'];
  const order = fc.uniqueArray(fc.constantFrom(...names, 'kora', 'gone'), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      fc.subarray(names),
      fc.subarray(names),
      order,
      fc.option(fc.constantFrom(...names, 'kora')),
      async (there, claiming, asked, chosen) => {
        const all = identities(
          ...there.map((name) =>
            says(name, () => Promise.resolve(claiming.includes(name) ? spec(name) : null)),
          ),
        );
        const claims = [...there.filter((name) => claiming.includes(name)), 'kora'];
        const first = asked.find((name) => claims.includes(name));
        const expected = (): string => {
          if (chosen !== null) return claims.includes(chosen) ? chosen : 'KORA_IDENTITY_UNKNOWN';
          if (first !== undefined) return first;
          return claims.length > 2 ? 'KORA_IDENTITY_AMBIGUOUS' : (claims[0] ?? '');
        };
        const came = await all.resolve({ ...home, order: asked, chosen }).then(
          ({ name }) => name,
          (error: unknown) => (error as { readonly code: string }).code,
        );
        expect(came).toBe(expected());
      },
    ),
    { numRuns: 200 },
  );
});

test('a name that is taken or no name is refused, naming who has it', () => {
  const all = identities(says('marvin'));
  expect(() => all.register(says('marvin'), 'other')).toThrow("is plugin-marvin's");
  expect(() => all.register(says('kora'), 'other')).toThrow("is kora's");
  expect(() => all.register(says('No Name'), 'other')).toThrow('is not an identity name');
});
