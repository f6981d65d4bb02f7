import { koraControlSchema } from '@kora/runtime/client';
import type { KoraControl } from '@kora/runtime/client';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import * as row from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

const command: KoraControl['commands'][number] = {
  commandId: '62d96923-fdf8-4a0d-8424-335f986c5712',
  sequence: 3,
  level: 3,
  kind: 'abort',
  reason: 'it works on\u001B[31m the wrong thing',
  issuerActor: 'operator',
  issuerKind: 'operator',
  via: 'api',
  createdAt: row.before(60),
  expiresAt: null,
  supersededBy: null,
  acknowledgements: [
    {
      runtimeId: '01a1ff49-db56-7830-90f9-de65cea4d69d',
      observedAt: row.before(59),
      acknowledgedAt: row.before(58),
      enforcedAt: row.before(57),
      effect: { claimsReleased: 2, claimsHeld: 0, callsRefused: 5 },
      measuredAt: row.before(1),
      failure: null,
    },
    {
      runtimeId: 'b1a1ff49-db56-7830-90f9-de65cea4d69d',
      observedAt: row.before(59),
      acknowledgedAt: null,
      enforcedAt: null,
      effect: null,
      measuredAt: null,
      failure: '1 claims are still held',
    },
  ],
};
const stopped: KoraControl = {
  stopLevel: 3,
  inForce: [command],
  holds: [row.hold()],
  sentinel: { level: 3, reason: 'it hangs', at: row.before(60), by: 'operator' },
  credentialsLocked: false,
  commands: [command, { ...command, sequence: 2, level: 1, kind: 'pause', supersededBy: 3 }],
};
const free: KoraControl = {
  stopLevel: 0,
  inForce: [],
  holds: [],
  sentinel: null,
  credentialsLocked: false,
  commands: [],
};

let scene: Scene;
let answer = stopped;
beforeAll(async () => {
  scene = await openScene({ routes: { 'GET /api/kora-control': () => koraControlSchema.parse(answer) } });
});
afterAll(() => scene.close());
beforeEach(() => {
  answer = stopped;
});

it('says what is in force and what each runtime has to say of it, with its figures or its trouble', async () => {
  const { exit, stdout } = await scene.run('control');
  expect(exit).toBe(0);
  expect(stdout).toMatch(/^L3 is in force$/m);
  expect(stdout).toMatch(/^STOP lies in the home: L3 by operator, it hangs$/m);
  expect(stdout).toMatch(/^held by #4 operator/m);
  expect(stdout).toMatch(/^#3 L3 by operator \(api\) 1 min ago, in force: it works on .*the wrong thing$/m);
  expect(stdout).not.toContain('\u001B');
  expect(stdout).toMatch(/^#2 L1 .*ended by #3: /m);
  expect(stdout).toMatch(
    /^ {2}01a1ff49 {2}seen after 1.* s, acknowledged after 2.* s, in effect after 3.* s, 2 claims released, 0 held, 5 calls refused$/m,
  );
  expect(stdout).toMatch(/in effect not yet, trouble: 1 claims are still held$/m);
});

it('says that nothing is in force, and that secrets are locked', async () => {
  answer = free;
  expect((await scene.run('control')).stdout).toBe('no stop is in force\n');
  answer = { ...free, stopLevel: 5, credentialsLocked: true };
  expect((await scene.run('control')).stdout).toBe(
    "L5 is in force\nsecrets of services are locked\ngo on with: kora resume --reason '...'\n",
  );
});
