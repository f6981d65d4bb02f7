import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EngineRequest, EngineSign, ProposalDraft } from '../contract.ts';
import { GuestBench, pidOf } from '../testing/guest-bench.ts';
import { entryOf } from '../testing/packages-on-disk.ts';
import { answerOf } from '../testing/scripted-thinking.ts';

const never = new AbortController().signal;
// A real process starts here, on whatever machine this is.
vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 });

let bench: GuestBench;
beforeEach(async () => {
  bench = await GuestBench.create();
});
afterEach(() => bench[Symbol.asyncDispose]());

const register = `
  await context.registerTool({ name: 'tide__height', description: 'How high.', capability: 'cap_tide_read',
    sideEffects: 'none', input: z.object({ place: z.string().regex(/^[A-Z]/) }),
    run: async ({ place }) => ({ content: { place, pid: process.pid } }) });
  await context.registerEngine({ name: 'oracle', models: [],
    respond: async ({ text }, signal, sign) => {
      sign({ kind: 'text', delta: 'as I see it ' });
      if (text === 'die') process.exit(7);
      const { text: heard } = await context.reason.ask({ route: 'cli', text });
      const { artifactId } = await context.artifacts.put({ name: 'a.txt', content: heard });
      return { status: 'answered', text: [heard, artifactId, process.pid].join(' ') };
    } });
  const gain = { microUsdPerDay: 1, secondsPerDay: 0 };
  await context.registerLoop({ name: 'promote_tide', means: 'Finds tides.', kinds: ['book.entry'],
    settings: { enabled: true, everyHours: 24, windowDays: 7, expiryDays: 14, trialHours: 24, applyLowRisk: true },
    observe: async (look) => {
      const { rows } = await context.promotion.history.questions({ look });
      const places = await context.promotion.places('book.entry');
      return { observed: rows.length, drafts: [{ identity: rows[0].text, places: places.length, pid: process.pid }] };
    },
    examine: async (draft, look) => ({ passed: draft.title === 'x', why: look.part, figures: [], gain }),
    measure: async (change, looks) => ({ verdict: 'worse', why: looks.since.lookId, figures: [], gain }) });
  await context.registerChangeKind({ kind: 'tide.height' }).catch(({ code }) => context.log.info(code));`;

test('a guest thinks, is asked for a tool, looks back and keeps files from its own process; dying, it fails what it was asked', async () => {
  const contributes = { tools: ['tide__height'], engines: ['oracle'], loops: ['promote_tide'] };
  await bench.disk.plugin(
    'tide',
    { id: 'tide', contributes },
    entryOf('tide', register, `import { z } from 'zod';`),
  );
  const modules = join(bench.disk.root, 'host/node_modules');
  await mkdir(modules, { recursive: true });
  const zod = join(dirname(fileURLToPath(import.meta.url)), '../../../node_modules/zod');
  await symlink(zod, join(modules, 'zod'));
  const host = await bench.hostOf(['tide']);
  await host.loadAll(never);
  expect(host.get('tide')).toMatchObject({ state: 'loaded', reason: undefined, registered: contributes });
  const pid = pidOf(host, 'tide');
  expect(pid).not.toBe(process.pid);
  const { thinking, artifacts } = bench.house;

  const call = {
    runId: 'r',
    callId: 'c',
    route: 'cli',
    caller: 'kora',
    trusted: true,
    ticketId: null,
  } as const;
  const tool = thinking.tools.get('tide__height');
  expect(await tool?.run({ place: 'Brest' }, { ...call, signal: never })).toEqual({
    content: { place: 'Brest', pid },
  });
  // What it was asked for is work: it is proven.
  await vi.waitFor(() => expect(host.get('tide').state).toBe('proven'));
  await expect(tool?.run({ place: 'brest' }, { ...call, signal: never })).rejects.toThrow('does not fit');

  thinking.ask = async ({ route, text }) => answerOf({ text: `${route} ${text}` });
  const engine = thinking.engines.get('oracle');
  const signs: EngineSign[] = [];
  const request = { runId: 'r', text: 'how high?' } as EngineRequest;
  const answer = await engine?.respond(request, never, (sign) => signs.push(sign));
  expect(answer).toEqual({ status: 'answered', text: `unknown how high? art_0 ${pid}` });
  expect(signs).toEqual([{ kind: 'text', delta: 'as I see it ' }]);
  expect(artifacts).toMatchObject([{ name: 'a.txt' }]);

  const loop = bench.house.loops.get('promote_tide');
  expect(loop?.settings.applyLowRisk).toBe(false);
  const look = { lookId: 'look-1', since: '2026-01-01', until: '2026-01-08', part: 'shown' } as const;
  expect(await loop?.observe(look, never)).toEqual({
    observed: 1,
    drafts: [{ identity: 'asked in shown', places: 0, pid }],
  });
  const draft = { title: 'x' } as ProposalDraft;
  expect(await loop?.examine(draft, look, never)).toMatchObject({ passed: true, why: 'shown' });
  const change = { kind: 'book.entry', key: 'k', value: 1 };
  const measured = await loop?.measure(change, { before: look, since: look }, never);
  expect(measured).toMatchObject({ verdict: 'worse', why: 'look-1' });

  const dying = engine?.respond({ ...request, text: 'die' }, never, () => undefined);
  await expect(dying).rejects.toMatchObject({ code: 'KORA_PLUGIN_FAILED' });
  await vi.waitFor(() =>
    expect([...thinking.tools.keys(), ...thinking.engines.keys(), ...bench.house.loops.keys()]).toEqual([]),
  );
});
