import { expect, test } from 'vitest';
import { systemClock } from '../clock/index.ts';
import { listCommands } from '../state/index.ts';
import { Enforcement } from './enforcement.ts';
import { testFleet } from './testing/fleet.ts';

test('a claim that goes back while claims are counted is no failure of the stop (defect 34)', async () => {
  const { database, workspaceId, issue } = await testFleet();
  const command = await issue({ level: 3 });
  let held = 1;
  let released: (count: number) => void = () => undefined;
  const abort = new Promise<number>((resolve) => {
    released = resolve;
  });
  const enforcement = new Enforcement({
    database,
    workspaceId,
    runtimeId: systemClock().uuid(),
    stage: () => Promise.resolve(),
    counts: {
      claimsReleased: () => Promise.resolve(1 - held),
      // Counted a moment too early: the claim is back before the answer is.
      claimsHeld: async () => {
        const counted = held;
        held = 0;
        released(1);
        await abort;
        return counted;
      },
      callsRefused: () => Promise.resolve(0),
    },
    abort: () => abort,
    isClosed: () => true,
    kills: () => false,
    watch: () => undefined,
    effective: () => undefined,
    wake: () => undefined,
  });
  await enforcement.look([command]);
  await enforcement.look([command]);
  const [row] = await listCommands(database, workspaceId, 1);
  expect(row?.acknowledgements).toMatchObject([
    { failure: null, enforcedAt: expect.any(String), effect: { claimsReleased: 1, claimsHeld: 0 } },
  ]);
});
