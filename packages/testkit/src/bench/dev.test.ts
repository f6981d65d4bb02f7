import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Happening } from '../contract.ts';
import { runDev } from './dev.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kora-dev-'));
  await mkdir(join(directory, 'node_modules'));
  await symlink(
    fileURLToPath(new URL('../../node_modules/zod', import.meta.url)),
    join(directory, 'node_modules/zod'),
  );
});
afterEach(async () => await rm(directory, { recursive: true, force: true }));

const price = { input: 1_000_000, output: 1_000_000, cacheRead: 0, cacheWrite: 0 };
const models = [
  { name: 'oracle-1', provider: 'shore', tier: 'small', contextTokens: 900, maxOutputTokens: 50, price },
];
const entry = `
import { z } from 'zod';
export default { [Symbol.for('kora.plugin')]: 1, id: 'tide', config: undefined, register: async (context) => {
  await context.registerCapability({ id: 'cap_tide_read', title: 'read', risk: 'low', defaultVerdict: 'ask' });
  await context.registerTool({ name: 'tide__height', description: 'How high.', input: z.object({ place: z.string() }),
    capability: 'cap_tide_read', sideEffects: 'none', run: async ({ place }) => ({ content: 'high at ' + place }) });
  await context.registerEngine({ name: 'oracle', models: ${JSON.stringify(models)},
    respond: async ({ runId, text }) => {
      const call = { runId, callId: 'a' };
      await context.engine.beginCall({ ...call, model: 'oracle-1', inputTokens: 10, maxOutputTokens: 10, request: null });
      const usage = { inputTokens: 10, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0 };
      await context.engine.endCall({ ...call, outcome: 'ok', usage, response: null });
      return { status: 'answered', text: 'heard ' + text };
    } });
} };`;
const contributes = { tools: ['tide__height'], engines: ['oracle'] };

it('calls tools and asks the engine as it is told, and says what was answered and what it cost', async () => {
  const kora = { id: 'tide', api: 1, entry: './index.mjs', contributes, capabilities: ['cap_tide_read'] };
  await writeFile(join(directory, 'package.json'), JSON.stringify({ name: 'tide', version: '1.0.0', kora }));
  await writeFile(join(directory, 'index.mjs'), entry);
  const heard: Happening[] = [];
  const order = { verb: 'dev', directory, tickets: [], events: [], secrets: {} } as const;
  const tools = ['tide__height={"place":"Brest"}', 'tide__height', 'moon__phase'];
  const answer = await runDev({ ...order, tools, questions: ['how high?'] }, (each) => heard.push(each));
  expect(answer).toMatchObject({ plugin: 'tide', difference: null, spentMicroUsd: 12 });
  const said = heard.map(({ kind, text }) => `${kind} ${text}`);
  expect(said).toContain('decision tool tide__height: ok: "high at Brest"');
  expect(said).toContainEqual(expect.stringMatching(/^decision tool tide__height: invalid_input: /));
  expect(said).toContainEqual(expect.stringMatching(/^decision tool moon__phase: not_advertised: /));
  expect(said).toContainEqual(expect.stringMatching(/^cost \$0\.000012 for /));
  expect(said.at(-1)).toBe('decision answered: "heard how high?"');
});
