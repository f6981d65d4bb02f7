import { stripVTControlCharacters } from 'node:util';
import {
  causesSchema,
  consumerSchema,
  daemonSchema,
  eventSchema,
  healthRollupSchema,
  identitySchema,
  incidentSchema,
  messageSchema,
  occurrenceSchema,
  pluginSchema,
  probeSchema,
  spendSchema,
  statusSchema,
  taskDetailSchema,
  taskSchema,
  ticketDetailSchema,
  ticketSchema,
} from '@kora/runtime/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sink } from '../host.ts';
import { sampleRoutes } from '../testing/routes.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

type Shape = (data: unknown) => void;
interface Schema {
  parse(value: unknown): unknown;
}
const one =
  (schema: Schema): Shape =>
  (data) =>
    expect(() => schema.parse(data)).not.toThrow();
const list =
  (schema: Schema): Shape =>
  (data) =>
    expect(Array.isArray(data) && data.map((each) => schema.parse(each)).length).toBeGreaterThan(0);
const includes =
  (part: object): Shape =>
  (data) =>
    expect(data).toMatchObject(part);

/** Each reading verb with the shape its `data` has and what a person must find in it. */
const verbs: readonly (readonly [command: string, shape: Shape, words: readonly RegExp[]])[] = [
  [
    'status',
    one(statusSchema),
    [
      /^ready  claims normal  up 2 h 5 min  kora 0.1.0  pid 4242$/m,
      /^spend +unknown$/m,
      /#4 operator, 3 min ago: deploying/,
    ],
  ],
  ['status --effects', one(statusSchema), [/^runtime\n├─ store\n└─ http\n   └─ stream$/m]],
  [
    'boot',
    includes({ gates: [{}, {}], history: [{}] }),
    [/^boot #7 passed  412 ms  1 h ago$/m, /^substrate +transient +pass +1 +12 ms +PostgreSQL 18.4$/m],
  ],
  [
    'ticket list',
    list(ticketSchema),
    [/^14  assigned  normal +general +0  3 s ago  Rotate the staging certificate$/m, /normal!/],
  ],
  [
    'ticket show 14',
    one(ticketDetailSchema),
    [/^ticket 14  Rotate/m, /1 s ago +attempt +1 +#412 +completed: done/],
  ],
  [
    'daemon list',
    list(daemonSchema),
    [
      /^probe_wake +running +probes +2 h ago +3 ms +0/m,
      /^inbox +failed +probes +- +- +0 +0 +no$/m,
      /^poller +standby +probes +- +- +0 +0 +runtime r2 runs it$/m,
      /^ticker +backing_off +probes +- +- +3 +4 +no socket, starts again in 8 s$/m,
    ],
  ],
  [
    'daemon show inbox',
    one(daemonSchema),
    [/^error +no$/m, /^mend the cause, then: kora daemon restart inbox --reason '...'$/m],
  ],
  ['daemon show poller', one(daemonSchema), [/^runs on +one runtime of the workspace: r2$/m]],
  [
    'daemon show ticker',
    one(daemonSchema),
    [
      /^deaths +4, the last now$/m,
      /^starts again +in 8 s$/m,
      /^sign of life +every 5 s at least$/m,
      /^fatal +no: it asks to be, and its plugin is not trusted with that$/m,
    ],
  ],
  ['daemon show probe', one(daemonSchema), [/^probe_wake {2}running$/m, /^depends on +nothing$/m]],
  [
    'task list',
    list(taskSchema),
    [/^heartbeat.http +every 30 s +10 s ago +ok +12 ms +in 20 s/m, /^new +every 30 s +never +- +- +-/m],
  ],
  [
    'task show heartbeat',
    one(taskDetailSchema),
    [/^heartbeat\.http {2}ok$/m, /^cadence +every 30 s, as its plugin declares$/m, /^runs +40, 0 failed$/m],
  ],
  [
    'task history heartbeat',
    list(occurrenceSchema),
    [/^10 s ago +10 s ago +ok +1 s +1/m, /running +unknown/],
  ],
  [
    'probe list',
    list(probeSchema),
    [/^checkout +healthy +10 min ago +5 s ago +8 ms/m, /^db +unknown +unknown +unknown +unknown/m],
  ],
  [
    'incident list',
    list(incidentSchema),
    [/^ 3 +open +critical +checkout +30 s ago +no +checkout is unreachable$/m],
  ],
  [
    'incident show checkout',
    one(incidentSchema),
    [
      /^seen +no \(kora incident ack 3\)$/m,
      /^connect ECONNREFUSED/m,
      /^(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:30 {2}opened {2}connect/m,
    ],
  ],
  [
    'event tail',
    list(eventSchema),
    [/#411 kora\.boot\.ready[\s\S]*#412 probe\.wake_requested \{"probe":"checkout"\}/],
  ],
  [
    'event show 412',
    one(eventSchema),
    [/^event 412  probe.wake_requested v1$/m, /^ {2}"probe": "checkout"$/m],
  ],
  [
    'explain 412',
    one(causesSchema),
    [
      /^ {2}\S+ #410 probe\.status_changed {2}checkout went from healthy to unreachable$/m,
      /^▶ \S+ #412 probe\.wake_requested/m,
      /#419 notification\.delivered .*\(by correlation\)$/m,
    ],
  ],
  [
    'health',
    one(healthRollupSchema),
    [
      /^can it work +yes$/m,
      /^last_heartbeat +fresh +3\.2 s +15 s +the worker says/m,
      /^credit_burn +missing +unknown/m,
    ],
  ],
  [
    'cost --by route',
    one(spendSchema),
    [
      /^warn_75  \$155\.00 of \$200\.00 in 2026-11  77\.5 %$/m,
      /^models +one tier down$/m,
      /^reconciled +1 h ago: \$150\.00 reported, \$140\.00 known$/m,
      /^slack_dm +3 .*\$0\.0042/m,
      /^call-9 +reasoning +cli +\$1\.50 +10 min ago$/m,
    ],
  ],
  ['event consumers', list(consumerSchema), [/^probe_wake +here +412 +0 +0 +probe.wake_requested$/m]],
  [
    'plugin list',
    list(pluginSchema),
    [/^probes +0.1.0 +proven +bundled +in-process +daemons probe_wake/m, /wants api 2$/m],
  ],
  ['plugin show probes', one(pluginSchema), [/^declares daemons +probe_wake$/m]],
  [
    'plugin why broken',
    includes({ id: 'broken', reason: { code: 'api_mismatch' } }),
    [/^api_mismatch: wants api 2$/m, /^fix: pnpm add broken@1$/m],
  ],
  ['identity list', list(identitySchema), [/^marvin +yes +Marvin +1.0.0 +marvin +bbbbbbbbbbbb$/m]],
  ['identity show', one(identitySchema), [/^Brain the size of a planet\.$/m]],
  [
    'inbox',
    list(messageSchema),
    [/critical +checkout is unreachable\n {10}connect ECONNREFUSED\n {10}last good 61 s ago\n[\s\S]*second/],
  ],
];

let scene: Scene;
beforeAll(async () => void (scene = await openScene({ routes: sampleRoutes })));
afterAll(async () => await scene.close());

describe.each(verbs)('kora %s', (command, shape, words) => {
  it('answers one document with --json', async () => {
    const ran = await scene.run(...command.split(' '), '--json');
    expect(ran).toMatchObject({ exit: 0, stderr: '' });
    expect(ran.lines()).toHaveLength(1);
    expect(ran.document()).toMatchObject({ schemaVersion: 1, ok: true });
    shape(ran.document().data);
  });

  it('reads well in a terminal without colours', async () => {
    const ran = await scene.run(...command.split(' '));
    expect(ran).toMatchObject({ exit: 0, stderr: '' });
    for (const word of words) expect(ran.stdout).toMatch(word);
    expect(ran.stdout).not.toContain('\u001b');
    expect(ran.stdout).not.toMatch(/[ \t]$/m);
  });
});

describe('on a terminal of 80 columns', () => {
  it.each(verbs.map(([command]) => command).filter((command) => command.endsWith('list')))(
    'kora %s fits',
    async (command) => {
      const live = scene.live(command.split(' '), { stdout: terminal((text) => (shown += text)) });
      let shown = '';
      expect((await live.ended).exit).toBe(0);
      const lines = stripVTControlCharacters(shown).split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
      expect(shown).toContain('\u001b[');
    },
  );
});

describe('the query', () => {
  it('passes filters and limits on', async () => {
    await scene.run('ticket', 'list', '--status', 'claimed', '--limit', '1');
    expect(scene.api.asked.at(-1)?.query).toEqual({ status: 'claimed', limit: '1' });
    await scene.run('event', 'tail', '--type', 'probe', '--limit', '5');
    expect(scene.api.asked.at(-1)?.query).toEqual({ type: 'probe', limit: '5', order: 'desc' });
    await scene.run('task', 'history', 'heartbeat.http', '--limit', '3');
    expect(scene.api.asked.at(-1)?.query).toEqual({ limit: '3' });
  });

  it('refuses a limit that is no number, naming the flag', async () => {
    const ran = await scene.run('ticket', 'list', '--limit', 'many');
    expect(ran.exit).toBe(64);
    expect(ran.stderr).toContain('--limit takes a whole number from 1, not "many"');
  });
});

function terminal(write: (text: string) => void): Sink {
  return { isTTY: true, columns: 80, write, closed: new AbortController().signal };
}
