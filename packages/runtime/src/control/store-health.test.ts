import { expect, test } from 'vitest';
import { FakeClock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';
import { OperationalStateHolder } from '../state/index.ts';
import { StoreHealth } from './store-health.ts';

const away = fault('KORA_STORE_UNREACHABLE', 'nobody answers');

async function scene(sealStaleForMs: () => number | undefined = () => undefined) {
  const clock = new FakeClock();
  const told: string[] = [];
  let n = 0;
  const holder = new OperationalStateHolder({
    clock,
    runtimeId: 'r',
    numbers: { next: () => (n += 1) },
    record: () => Promise.resolve(),
    onError: (where, error) => expect.unreachable(`${where}: ${String(error)}`),
  });
  await holder.transition('boot.passed', { boot: 'passed' }, { detail: { boot_id: 1, elapsed_ms: 1 } });
  const keeper = {
    tell: ({ what, detail }: { what: string; detail: string }) => void told.push(`${what}: ${detail}`),
  };
  return { clock, told, holder, health: new StoreHealth({ clock, holder, keeper, sealStaleForMs }) };
}

test('a store that is away degrades at once, once, and is told when it stays away', async () => {
  const { clock, told, holder, health } = await scene();
  for (let looks = 0; looks < 5; looks += 1) {
    await health.away(away);
    await clock.advance(1_000);
  }
  expect([...holder.inputs.failing]).toEqual(['substrate']);
  expect(told).toEqual([]);
  await health.away(away);
  expect(told).toEqual(['store: nobody answers']);
  await health.answers();
  expect([...holder.inputs.failing]).toEqual([]);
  expect(holder.history.map(({ cause }) => cause)).toEqual([
    'boot.passed',
    'check.failed',
    'check.recovered',
  ]);
  await health.away(away);
  expect(told).toHaveLength(1);
});

test('a sealer that seals nothing is told while the store answers, and not for the store', async () => {
  const sealer: { staleMs?: number } = {};
  const { clock, told, health } = await scene(() => sealer.staleMs);
  await health.answers();
  await clock.advance(60_000);
  await health.answers();
  expect(told).toEqual([]);
  sealer.staleMs = 7_000;
  await health.answers();
  expect(told).toEqual(['sealer: the store answers, and nothing has been sealed for 7 s']);
});

test('a store that comes back with a backlog is given the time to seal it', async () => {
  let staleMs: number | undefined = 90_000;
  const { clock, told, health } = await scene(() => staleMs);
  await health.away(away);
  await clock.advance(90_000);
  await health.answers();
  await clock.advance(4_000);
  await health.answers();
  expect(told).toEqual([]);
  await clock.advance(1_000);
  await health.answers();
  expect(told).toHaveLength(1);
  staleMs = undefined;
  await health.answers();
  expect(told).toHaveLength(1);
});
