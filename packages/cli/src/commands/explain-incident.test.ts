import { afterEach, beforeEach, expect, it } from 'vitest';
import * as row from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

/** As the ticket of an investigation keeps what it came to. */
const found = {
  outcome: 'open',
  nextStep: 'free or add space.',
  diagnosis: {
    rung: 'rules',
    kind: 'concluded',
    cause: 'disk_full',
    entities: ['unit:checkout'],
    confidence: 0.9,
    code: null,
    text: null,
  },
  rules: { kind: 'concluded', why: null, needs: [] },
  findings: [
    {
      rule: 'said',
      cause: 'disk_full',
      entity: 'unit:checkout',
      text: 'checkout has no room left to write: "ENOSPC".',
      weight: 'deciding',
      evidence: ['log:checkout#9', 'incident:2'],
    },
    {
      rule: 'what_was_seen',
      cause: 'dependency_refused',
      entity: 'unit:checkout',
      text: 'it refuses connections',
      weight: 'supporting',
      evidence: ['look:checkout@2026-11-22T07:05:43.604Z', 'change:81'],
    },
  ],
  looked: [
    { id: 'log:checkout', what: '812 bytes', path: '/var/log/checkout.log' },
    { id: 'look:checkout', what: '12 looks', path: null },
  ],
  runId: null,
};

let incident = row.incident();
let result: Record<string, unknown> | null = found;
let scene: Scene;
beforeEach(async () => {
  incident = row.incident();
  result = found;
  scene = await openScene({
    routes: {
      'GET /api/incidents': () => [incident],
      'GET /api/incidents/3': () => incident,
      'GET /api/tickets/14': () => ({ ...row.ticket({ result, status: 'completed' }), ...detail }),
    },
  });
});
afterEach(async () => await scene.close());

const detail = { outcomes: [], operations: [], notes: [], blockedBy: [], blocks: [], timeline: [] };

it('tells the verdict, the rules that found something, and how each piece of evidence is read again', async () => {
  const { exit, stdout } = await scene.run('explain', 'incident:3');
  expect(exit).toBe(0);
  expect(stdout).toContain('verdict: disk_full at unit:checkout, 90 % sure, by rules');
  expect(stdout).toMatch(/^▶ said {2}disk_full at unit:checkout$/m);
  expect(stdout).toMatch(/^ {4}log:checkout#9 {2}sed -n 9p \/var\/log\/checkout\.log$/m);
  expect(stdout).toMatch(/^ {4}incident:2 {2}kora incident show 2$/m);
  expect(stdout).toMatch(/^ {2}what_was_seen {2}dependency_refused at unit:checkout$/m);
  expect(stdout).toMatch(/^ {4}look:checkout@\S+ {2}kora probe show checkout$/m);
  expect(stdout).toMatch(/^ {4}change:81 {2}kora explain 81$/m);
  expect(stdout).toMatch(/^ {2}log:checkout {2}812 bytes {2}\/var\/log\/checkout\.log$/m);
  expect(stdout).toMatch(/^next step: free or add space\.$/m);
});

it('takes the name of a probe for its incident', async () => {
  const ran = await scene.run('explain', 'incident:check', '--json');
  expect(ran.document()).toMatchObject({
    ok: true,
    data: { incidentId: 3, ticketId: 14, status: 'completed' },
  });
});

it('says why rules abstained, what they would need, and that nobody who thinks could say', async () => {
  result = {
    ...found,
    diagnosis: {
      ...found.diagnosis,
      rung: 'none',
      kind: 'abstained',
      cause: null,
      entities: [],
      confidence: null,
      code: 'unconfigured',
    },
    rules: { kind: 'abstained', why: 'missing_source', needs: ['log:checkout: ENOENT'] },
    findings: [],
  };
  const { stdout } = await scene.run('explain', 'incident:3');
  expect(stdout).toMatch(/^verdict: abstained, by nobody$/m);
  expect(stdout).toMatch(/^rules abstained: missing_source$/m);
  expect(stdout).toMatch(/^ {2}to know more: log:checkout: ENOENT$/m);
  expect(stdout).toMatch(/^nobody who thinks could say: unconfigured$/m);
});

it('says when there is nothing to explain yet, or never will be', async () => {
  result = null;
  expect((await scene.run('explain', 'incident:3')).stdout).toContain(
    'its investigation, ticket 14, is completed',
  );
  result = { outcome: 'recovered', facts: [] };
  expect((await scene.run('explain', 'incident:3')).stdout).toContain('it was not looked into: recovered');
  incident = row.incident({ ticketId: null });
  expect((await scene.run('explain', 'incident:3')).stdout).toContain('it has no investigation');
});
