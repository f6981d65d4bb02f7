import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import plugin from './index.ts';

it('has a default for every key of its configuration', () => {
  expect(plugin.config?.parse({})).toMatchObject({
    providers: {},
    models: [],
    calls: { outputTokens: 8_192, retries: 2, firstTokenMs: 60_000, silenceMs: 60_000 },
    router: { escalate: true },
    agent: { kinds: ['general'] },
  });
});

it.each(['http://user:pass@host/v1', 'ftp://host/v1', 'https://host/v1?key=1', 'host'])(
  'takes no address that is more or less than one: %s',
  (baseUrl) => {
    const providers = { box: { kind: 'openai-compatible', baseUrl } };
    expect(plugin.config?.safeParse({ providers }).success).toBe(false);
  },
);

it('loads no SDK before the first call: a home that thinks nothing pays for none', () => {
  const loads = /^import (?!type )[^;]*from '(?:ai|@ai-sdk\/[^']*)';/m;
  expect(loads.test("import { streamText } from 'ai';")).toBe(true);
  const folder = new URL('.', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter((name) => loads.test(readFileSync(new URL(name, folder), 'utf8')))).toEqual([]);
});
