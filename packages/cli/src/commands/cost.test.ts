import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import {
  reconcileSchema,
  reasonSchema,
  releaseReservationSchema,
  spendStandingSchema,
} from '@kora/runtime/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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

it('at the end of the pool says what lets it go on', async () => {
  expect((await scene.run('cost')).stdout).not.toContain('spend.poolUsd');
  routes['GET /api/spend'] = () => row.spend({ slices: null, reservations: [], rung: 'hard_stop_100' });
  expect((await scene.run('cost')).stdout).toContain('raise spend.poolUsd in kora.json and start again');
  routes['GET /api/spend'] = () => row.spend({ slices: null, reservations: [], reconciliations: [] });
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

it('says what bounds spending beside the pool, what was refused for it, and where the month leads', async () => {
  const calm = await scene.run('cost');
  expect(calm.stdout).toMatch(/^kept +\$10\.00 for critical work$/m);
  expect(calm.stdout).toMatch(/^pace +\$140\.00 may be spent by now$/m);
  expect(calm.stdout).toMatch(/^at this rate +\$7\.50 a day, \$225\.00 in the month, 113 % of the pool$/m);
  expect(calm.stdout).not.toMatch(/refused|at most/);
  routes['GET /api/spend'] = () =>
    row.spend({
      slices: null,
      reservations: [],
      refusedLast24h: 7,
      limits: [{ scope: 'route', key: 'slack_dm', limitUsd: 5, usedUsd: 4.5 }],
      refusals: [{ cause: 'budget_paced', caller: 'digest', count: 7 }],
    });
  const { stdout } = await scene.run('cost');
  expect(stdout).toMatch(/^refused +7 calls were refused in the last 24 h$/m);
  expect(stdout).toMatch(/^route today +slack_dm +\$4\.50 +\$5\.00$/m);
  expect(stdout).toMatch(/^budget_paced +digest +7$/m);
});

it('tells tokens, escalations and what an answer cost beside each slice, and leaves out what says nothing', async () => {
  routes['GET /api/spend'] = () => row.spend({ reservations: [] });
  const { stdout } = await scene.run('cost', '--by', 'route');
  expect(stdout).toMatch(/^route +calls +input +output +spent +escalated +answers +each$/m);
  expect(stdout).toMatch(/^slack_dm +3 +1800 +240 +\$0\.0042 +1 +2 +\$0\.0021$/m);
});

it('a slice of which everything is known fits on a terminal of 80 columns', async () => {
  const [known] = row.spend().slices?.rows ?? [];
  const wide = { estimatedCalls: 1, inputTokens: 12_345_678, cacheReadTokens: 123_456, spentUsd: 12.5 };
  routes['GET /api/spend'] = () => ({
    ...row.spend({ reservations: [] }),
    slices: { by: 'route', windowMs: null, rows: [{ ...known, ...wide, key: 'email_outbound_compose' }] },
  });
  let shown = '';
  const write = (text: string): void => void (shown += text);
  const stdout = { isTTY: true, columns: 80, write, closed: new AbortController().signal };
  expect((await scene.live(['cost', '--by', 'route'], { stdout }).ended).exit).toBe(0);
  const lines = stripVTControlCharacters(shown).split('\n');
  expect(lines.find((line) => line.startsWith('email'))).toMatch(
    / 3 +12\.3M +123\.5k +240 +~\$12\.50 +1 +2 +\$6\.25$/,
  );
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

it('prices say whose word they are, and which model has none', async () => {
  const price = { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25 };
  routes['GET /api/spend/prices'] = () => [
    { model: 'opus', provider: 'anthropic', tier: 'large', basis: 'configured', price },
    { model: 'local', provider: 'ollama', tier: 'small', basis: 'dearest', price: null },
  ];
  const { stdout } = await scene.run('cost', 'prices');
  expect(stdout).toMatch(/^opus +anthropic +large +\$5\.00 +\$25\.00 +\$0\.50 +\$6\.25 +spend\.prices$/m);
  expect(stdout).toMatch(/^local +ollama +small +unknown .*nobody: calls are refused$/m);
});

it('a forecast says what it rests on, and what is not known stays unknown', async () => {
  routes['GET /api/spend/forecast'] = () => ({
    runsPerDay: { value: 96, restsOn: 'the cadence that was said' },
    callsPerRun: { value: 1.5, restsOn: '3 calls in 2 runs' },
    usdPerCall: null,
    perRunUsd: null,
    perDayUsd: null,
    perMonthUsd: null,
    poolUsd: 200,
  });
  const { stdout } = await scene.run('cost', 'forecast', 'digest', '--every', '15m');
  expect(scene.api.asked.at(-1)?.query).toEqual({ plugin: 'digest', everyMs: '900000' });
  expect(stdout).toMatch(/^unknown a month$/m);
  expect(stdout).toMatch(/^runs a day +96, from the cadence that was said$/m);
  expect(stdout).toMatch(/^a call +unknown, never measured: say --model/m);
  expect((await scene.run('cost', 'forecast')).exit).toBe(64);
});

describe('export', () => {
  const entry = (entryId: number, over: object = {}): unknown => ({
    entryId,
    at: '2026-11-21T10:00:00.000Z',
    period: '2026-11-01',
    kind: 'settle',
    callId: `call, "${entryId}"`,
    caller: 'digest',
    route: '=cmd()',
    ticketId: 7,
    fence: 1,
    runId: null,
    model: 'opus',
    tier: 'large',
    spentMicroUsd: 2_500,
    reservedMicroUsd: -5_000,
    accountMicroUsd: 0,
    usage: { inputTokens: 90, outputTokens: 12 },
    estimated: false,
    reportedMicroUsd: null,
    poolMicroUsd: null,
    reason: null,
    ...over,
  });
  /** As many as one answer holds. */
  const page = Array.from({ length: 1_000 }, (_, at) => entry(at + 1));

  beforeEach(() => {
    routes['GET /api/spend/entries'] = ({ query }) => (query['after'] === '0' ? page : [entry(1_001)]);
  });

  it('reads the journal page by page into a file that only its owner reads', async () => {
    const file = join(scene.folder, 'journal.ndjson');
    const ran = await scene.run('cost', 'export', '--out', file, '--window', '24h');
    expect(ran).toMatchObject({ exit: 0 });
    expect(ran.stdout).toContain('1001 entries, $2.50 spent');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { entryId: number }).entryId)).toEqual(
      Array.from({ length: 1_001 }, (_, at) => at + 1),
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(scene.api.asked.at(-1)?.query).toEqual({ after: '1000', limit: '1000', windowMs: '86400000' });
    expect((await scene.run('cost', 'export', '--out', file)).exit).toBe(64);
  });

  it('writes what a spreadsheet reads, and no formula', async () => {
    const file = join(scene.folder, 'journal.csv');
    await scene.run('cost', 'export', '--out', file, '--csv');
    const [head, first] = readFileSync(file, 'utf8').split('\r\n');
    expect(head).toMatch(/^entry,at,month,kind,caller,route,model/);
    expect(first).toBe(
      `1,2026-11-21T10:00:00.000Z,2026-11,settle,digest,'=cmd(),opus,large,7,,"call, ""1""",0.0025,-0.005,0,false,90,12,,,,,`,
    );
  });

  it('keeps nothing of an export that broke off', async () => {
    routes['GET /api/spend/entries'] = ({ query }) => (query['after'] === '0' ? page : { not: 'entries' });
    const ran = await scene.run('cost', 'export', '--out', join(scene.folder, 'half.csv'), '--csv');
    expect(ran.exit).not.toBe(0);
    expect(readdirSync(scene.folder).filter((name) => name.startsWith('half'))).toEqual([]);
  });
});
