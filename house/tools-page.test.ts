import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { houseTools } from '../packages/runtime/src/house-tools/index.ts';
import type { HouseToolPorts } from '../packages/runtime/src/house-tools/index.ts';
import { artifactsSchema } from '../packages/runtime/src/config/artifacts.ts';
import { toolsSchema } from '../packages/runtime/src/config/tools.ts';
import { routeSets } from '../packages/runtime/src/reason/tool/route-sets.ts';
import { reasonRoutes } from '../packages/runtime/src/reason/route/contract.ts';

const page = readFileSync(new URL('../docs/tools.md', import.meta.url), 'utf8');

it('docs/tools.md lists exactly the tools of the house', () => {
  const rows = [...page.matchAll(/^\| `(kora__\w+)` \| `(cap_\w+)` \| (none|idempotent|once) \| .+ \|$/gm)];
  const told = rows.map(([, name, capability, sideEffects]) => ({ name, capability, sideEffects }));
  // Nothing is asked of the rooms until a tool is called.
  const tools = houseTools({ reads: {}, deeds: {} } as HouseToolPorts);
  expect(told).toEqual(tools.map(({ name, capability, sideEffects }) => ({ name, capability, sideEffects })));
});

it('docs/tools.md says of each route what is offered on it', () => {
  const [granted = [], guarded = []] = [
    ...page.matchAll(/^\| ((?:`[a-z_]+` ?)+) \| .*\bgranted\b.* \|$/gm),
  ].map(([, names = '']) => [...names.matchAll(/`([a-z_]+)`/g)].map(([, name = '']) => name));
  const of = (set: 'granted' | 'guarded'): string[] =>
    reasonRoutes.filter((route) => routeSets[route] === set);
  expect([granted, guarded]).toEqual([of('granted'), of('guarded')]);
});

it('docs/tools.md says each setting with its default', () => {
  const block = /```jsonc\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const said: unknown = JSON.parse(block.replaceAll(/\/\/.*$/gm, ''));
  expect(said).toEqual({ tools: toolsSchema.parse(undefined), artifacts: artifactsSchema.parse(undefined) });
});
