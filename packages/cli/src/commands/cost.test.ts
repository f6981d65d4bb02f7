import {
  reconcileSchema,
  reasonSchema,
  releaseReservationSchema,
  spendStandingSchema,
} from '@kora/runtime/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Route } from '../testing/api-server.ts';
import * as row from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

const standing = (rung: string): unknown => spendStandingSchema.parse({ ...row.spend(), rung });

const routes: Record<string, Route> = {
  'GET /api/spend': () => row.spend({ slices: null, reservations: [], reconciliations: [] }),
  'POST /api/spend/reconcile': ({ body }) => {
    const reportedUsd = reconcileSchema.parse(body).reportedMicroUsd / 1_000_000;
    return {
      period: '2026-11-01',
      reportedUsd,
      spentBeforeUsd: 30,
      raisedUsd: Math.max(0, reportedUsd - 30),
    };
  },
  'POST /api/spend/refresh': ({ body }) =>
    standing(reasonSchema.parse(body).reason === 'paid' ? 'normal' : 'hard_stop_100'),
  'POST /api/spend/release': ({ body }) => ({
    callId: releaseReservationSchema.parse(body).callId,
    releasedUsd: 1.5,
  }),
};

let scene: Scene;
beforeEach(async () => void (scene = await openScene({ routes })));
afterEach(async () => await scene.close());

it('cost is one look; scope and window are asked for only when they were typed', async () => {
  const ran = await scene.run('cost');
  expect(ran).toMatchObject({ exit: 0, stderr: '' });
  expect(ran.stdout).toMatch(/^reconciled +never$/m);
  expect(scene.api.asked.at(-1)?.query).toEqual({});
  await scene.run('cost', '--last', '24h');
  expect(scene.api.asked.at(-1)?.query).toEqual({ by: 'route', windowMs: '86400000' });
  await scene.run('cost', '--by', 'day');
  expect(scene.api.asked.at(-1)?.query).toEqual({ by: 'day' });
  expect((await scene.run('cost', '--by', 'moon')).exit).toBe(64);
  expect((await scene.run('cost', 'frobnicate')).exit).toBe(64);
});

it('reconcile sends whole millionths, and says what the report changed', async () => {
  const raised = await scene.run('cost', 'reconcile', '--reported', '34.20', '--reason', 'the bill');
  expect(scene.api.asked.at(-1)?.body).toEqual({ reportedMicroUsd: 34_200_000, reason: 'the bill' });
  expect(raised.stdout).toBe('spend went from $30.00 to $34.20, up $4.20\n');
  const lower = await scene.run('cost', 'reconcile', '--reported', '12', '--reason', 'the bill');
  expect(lower.stdout).toContain('it stays, and the record is kept');
  const typo = await scene.run('cost', 'reconcile', '--reported', '12,50', '--reason', 'the bill');
  expect(typo).toMatchObject({ exit: 64 });
  expect((await scene.run('cost', 'reconcile', '--reported', '12')).stderr).toContain('needs --reason');
});

it('refresh says whether anything is held still, by its exit code too', async () => {
  expect((await scene.run('cost', 'refresh', '--reason', 'paid')).exit).toBe(0);
  const spent = await scene.run('cost', 'refresh', '--reason', 'hoping');
  expect(spent).toMatchObject({ exit: 79 });
  expect(spent.stdout).toContain('spend.poolUsd');
});

it('release names the call', async () => {
  const ran = await scene.run('cost', 'release', 'call-9', '--reason', 'its process is gone');
  expect(ran.stdout).toBe('$1.50 of call call-9 is free again\n');
  expect(scene.api.asked.at(-1)?.body).toEqual({ callId: 'call-9', reason: 'its process is gone' });
});

it('says who waits for money, and until when claims begin one at a time', async () => {
  expect((await scene.run('cost')).stdout).not.toMatch(/^ramp/m);
  const ramp = { since: '2026-11-01T00:00:00.000Z', until: '2999-01-01T00:00:00.000Z', lastClaimAt: null };
  const waiting = { deferredTickets: 2, accounts: { open: 1, remainingUsd: 0.25 } };
  routes['GET /api/spend'] = () => row.spend({ slices: null, reservations: [], ramp, ...waiting });
  const { stdout } = await scene.run('cost');
  expect(stdout).toMatch(/^ramp +one claim each 30 s, ends in \d+/m);
  expect(stdout).toMatch(/^deferred +2 tickets wait for money$/m);
  expect(stdout).toMatch(/^set aside +\$0\.25 for 1 ticket in hand$/m);
});
