import { newGrantSchema, reasonSchema } from '@kora/runtime/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Route } from '../testing/api-server.ts';
import { approval, grant } from '../testing/capability-rows.ts';
import { before, noon } from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

/** Bodies go through the very schemas the runtime parses them with. */
const routes: Record<string, Route> = {
  'GET /api/approvals': ({ query }) =>
    query['all'] === '1' ? [approval({ status: 'used', usedAt: noon })] : [approval()],
  'GET /api/approvals/12': () => approval(),
  'POST /api/approvals/12/approve': ({ body }) =>
    approval({ status: 'approved', decisionReason: reasonSchema.parse(body).reason }),
  'POST /api/approvals/12/deny': ({ body }) =>
    approval({ status: 'refused', decisionReason: reasonSchema.parse(body).reason }),
  'POST /api/approvals/13/approve': () => ({
    refuse: 409,
    code: 'KORA_APPROVAL_DECIDED',
    message: 'approval 13 is expired already',
    hint: 'kora approval show 13',
  }),
  'GET /api/capabilities': () => ({
    capabilities: [
      { id: 'cap_web_fetch', title: 'read pages', risk: 'low', defaultVerdict: 'ask', owner: 'kora' },
      { id: 'cap_send_fax', title: 'send a fax', risk: 'high', defaultVerdict: 'denied', owner: 'fax' },
    ],
    grants: [grant()],
  }),
  'POST /api/capabilities/grants': ({ body }) => {
    const { to, reason, capability, forMs } = newGrantSchema.parse(body);
    const expiresAt = forMs === undefined ? null : before(-forMs / 1_000);
    return grant({ kind: to.kind, subject: to.subject, reason, capability, expiresAt });
  },
  'POST /api/capabilities/grants/3/revoke': ({ body }) =>
    grant({
      status: 'revoked',
      revokedAt: noon,
      revokedBy: 'operator',
      revokeReason: reasonSchema.parse(body).reason,
    }),
};

let scene: Scene;
beforeEach(async () => {
  scene = await openScene({ routes });
});
afterEach(async () => await scene.close());

describe('an approval', () => {
  it.each([
    ['approve', /^approved {2}slack may use tool:web_search once; ends in 14 min$/m],
    ['deny', /^refused {2}slack may not use tool:web_search$/m],
  ])('%s says what was decided, with the reason', async (verb, words) => {
    const ran = await scene.run(verb, '#12', '--reason', 'that server');
    expect(ran).toMatchObject({ exit: 0, stdout: expect.stringMatching(words) });
    expect(scene.api.asked.at(-1)?.body).toEqual({ reason: 'that server' });
    const json = await scene.run(verb, '12', '--reason', 'that server', '--json');
    expect(json.document().data).toMatchObject({ approvalId: 12, decisionReason: 'that server' });
  });

  it.each([
    [['approve', '12'], 'needs --reason'],
    [['deny', '12'], 'needs --reason'],
    [['approve', 'twelve', '--reason', 'r'], 'kora approval list'],
    [['approval', 'show', '0'], 'kora approval list'],
  ])('%j is not understood', async (argv, words) => {
    expect(await scene.run(...argv)).toMatchObject({ exit: 64, stderr: expect.stringContaining(words) });
  });

  it('that is over stays over, and says where to look', async () => {
    const ran = await scene.run('approve', '13', '--reason', 'late');
    expect(ran).toMatchObject({ exit: 1, stderr: expect.stringContaining('kora approval show 13') });
  });

  it('waits in a list, with who wants what and how long it still stands', async () => {
    const { stdout } = await scene.run('approval', 'list');
    expect(stdout).toMatch(
      /^12 +pending +slack +tool:web_search +cap_web_fetch +1 min ago +in 14 min +a link$/m,
    );
    expect((await scene.run('approval', 'list', '--all')).stdout).toMatch(/^12 +used/m);
  });

  it('is shown whole, with the commands that answer it and never the arguments', async () => {
    const { stdout } = await scene.run('approval', 'show', '12');
    expect(stdout).toMatch(/^approval 12 {2}pending$/m);
    expect(stdout).toMatch(/^arguments +sha256 a{64}$/m);
    expect(stdout).toContain('kora approve 12 --reason');
  });
});

describe('capabilities', () => {
  it('are listed with what stands without a grant, and the grants', async () => {
    const { stdout } = await scene.run('capability', 'list');
    expect(stdout).toMatch(/^cap_web_fetch +low +you are asked +kora +read pages$/m);
    expect(stdout).toMatch(/^cap_send_fax +high +denied +fax +send a fax$/m);
    expect(stdout).toMatch(
      /^ *#3 +live +cap_web_fetch +plugin:slack +1 h ago +until revoked +operator +link previews$/m,
    );
  });

  it('are granted to one subject, for a time', async () => {
    const line = [
      'capability',
      'grant',
      'cap_web_fetch',
      '--to',
      'mcp:claude:eu',
      '--reason',
      'r',
      '--for',
      '1d',
    ];
    const ran = await scene.run(...line);
    expect(ran).toMatchObject({ exit: 0, stdout: expect.stringContaining('to mcp:claude:eu, in 1 d') });
    expect(scene.api.asked.at(-1)?.body).toEqual({
      capability: 'cap_web_fetch',
      to: { kind: 'mcp', subject: 'claude:eu' },
      reason: 'r',
      forMs: 86_400_000,
    });
  });

  it.each(['slack', 'plugin:', 'operator:me', ''])('are granted to nobody unclear: %j', async (to) => {
    const ran = await scene.run('capability', 'grant', 'cap_web_fetch', '--to', to, '--reason', 'r');
    expect(ran.exit).toBe(64);
    expect(scene.api.asked).toEqual([]);
  });

  it('are taken back by the grant’s number', async () => {
    const ran = await scene.run('capability', 'revoke', '#3', '--reason', 'no more');
    expect(ran).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^revoked {2}#3 cap_web_fetch of plugin:slack/),
    });
    expect((await scene.run('capability', 'revoke', 'slack', '--reason', 'r')).exit).toBe(64);
  });
});
