import { fixWishSchema, reasonSchema } from '@kora/runtime/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Route } from '../testing/api-server.ts';
import { approval } from '../testing/capability-rows.ts';
import { fixAttempt, fixOffer, fixRehearsal } from '../testing/fix-rows.ts';
import { before } from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

const mended = fixAttempt({
  attemptId: 5,
  status: 'ended',
  outcome: 'mended',
  beganAt: before(50),
  endedAt: before(40),
  after: { activeState: 'active' },
});
const refused = fixAttempt({
  attemptId: 6,
  status: 'ended',
  outcome: 'rejected',
  code: 'limit_reached',
  detail: 'unit:shop.service@web-1 had 2 of 2 attempts in the last hour',
  remedy: 'kora incident show 7',
  approvalId: null,
  endedAt: before(40),
});

/** Bodies go through the very schemas the runtime parses them with. */
const routes: Record<string, Route> = {
  'GET /api/fixes': () => ({ fixes: [fixOffer()], attempts: [refused, mended, fixAttempt()] }),
  'GET /api/fixes/attempts/4': () => fixAttempt(),
  'GET /api/fixes/attempts/5': () => mended,
  'POST /api/fixes/rehearse': ({ body }) =>
    (body as { target?: string }).target === 'unit:other'
      ? fixRehearsal({ verdict: 'refused', code: 'target_not_in_snapshot', detail: 'it names others' })
      : fixRehearsal(),
  'POST /api/fixes/try': ({ body }) => {
    const { fix, reason } = fixWishSchema.parse(body);
    return fix === 'restart_unit' ? refused : { ...mended, reason };
  },
  'POST /api/approvals/12/deny': ({ body }) =>
    approval({ status: 'refused', decisionReason: reasonSchema.parse(body).reason }),
  'POST /api/approvals/12/approve': ({ body }) =>
    approval({ status: 'approved', decisionReason: reasonSchema.parse(body).reason }),
};

let scene: Scene;
beforeEach(async () => {
  scene = await openScene({ routes });
});
afterEach(async () => await scene.close());

describe('fixes', () => {
  it('are listed with what they could be done to, and what came of each attempt', async () => {
    const { stdout } = await scene.run('fix', 'list');
    expect(stdout).toMatch(
      /^shop-unit +restart_unit +approve +cap_autofix +2 +unit:shop\.service@web-1 +restarts the unit$/m,
    );
    expect(stdout).toMatch(
      /^ *6 +rejected +shop-unit +restart_unit +unit:shop\.service@web-1 +wake +.+ +limit_reached$/m,
    );
    expect(stdout).toMatch(/^ *5 +mended/m);
  });

  it('one attempt is shown whole, with the command that lets it begin', async () => {
    const { stdout } = await scene.run('fix', 'show', '#4');
    expect(stdout).toMatch(/^attempt 4 {2}waiting$/m);
    expect(stdout).toContain('unit_not_active: it is failed');
    expect(stdout).toContain('kora fix approve 4 --reason');
    const over = await scene.run('fix', 'show', '5');
    expect(over.stdout).toMatch(/^after +\{"activeState":"active"\}$/m);
    expect(over.stdout).not.toContain('kora fix approve');
  });

  it('a dry run says what would come of it, needs no reason, and changes nothing', async () => {
    const ran = await scene.run('fix', 'try', 'shop-unit', '--dry-run');
    expect(ran).toMatchObject({ exit: 0, stdout: expect.stringContaining('you would be asked') });
    expect(scene.api.asked.map(({ body }) => body)).toEqual([{ probe: 'shop-unit' }]);
    const other = await scene.run('fix', 'try', 'shop-unit', '--target', 'unit:other', '--dry-run');
    expect(other).toMatchObject({ exit: 1, stdout: expect.stringContaining('target_not_in_snapshot') });
  });

  it('is tried with a reason, and what is refused is a finding', async () => {
    const ran = await scene.run('fix', 'try', 'shop-unit', '--reason', 'it hangs');
    expect(ran).toMatchObject({ exit: 0, stdout: expect.stringContaining('attempt 5  mended') });
    const no = await scene.run('fix', 'try', 'shop-unit', 'restart_unit', '--reason', 'again');
    expect(no).toMatchObject({ exit: 1, stdout: expect.stringContaining('limit_reached') });
    expect(no.stdout.trimEnd().split('\n').at(-1)).toBe('kora incident show 7');
    expect((await scene.run('fix', 'try', 'shop-unit')).exit).toBe(64);
  });

  it('an attempt that waits is let begin by its approval; one that does not wait is not', async () => {
    const ran = await scene.run('fix', 'approve', '4', '--reason', 'yes');
    expect(ran).toMatchObject({ exit: 0, stdout: expect.stringContaining('attempt 4 is examined again') });
    expect(scene.api.asked.at(-1)?.body).toEqual({ reason: 'yes' });
    const no = await scene.run('fix', 'deny', '4', '--reason', 'I look myself');
    expect(no).toMatchObject({ exit: 0, stdout: expect.stringContaining('attempt 4 is not begun') });
    expect(scene.api.asked.at(-1)?.body).toEqual({ reason: 'I look myself' });
    expect(await scene.run('fix', 'approve', '5', '--reason', 'yes')).toMatchObject({
      exit: 64,
      stderr: expect.stringContaining('kora fix show 5'),
    });
    expect((await scene.run('fix', 'show', 'four')).exit).toBe(64);
  });
});
