import { describe, expect, expectTypeOf, test } from 'vitest';
import type { ClaimWant } from '../ticket/index.ts';
import type { Admission, Door, DoorContexts, Pass } from './index.ts';
import { questions, scene } from './testing/scene.ts';

const load = { caller: 'plugin-x' };

async function passFor(admission: Admission): Promise<Pass<'plugin_load'>> {
  const leave = await admission.admit('plugin_load', load);
  if (!leave.allow) throw new Error(`closed: ${leave.cause}`);
  return leave.pass;
}

test('a pass is redeemed once, and answers what it was asked for', async () => {
  const { admission } = scene();
  const pass = await passFor(admission);
  expect(admission.redeem(pass, 'plugin_load')).toEqual(load);
  expect(() => admission.redeem(pass, 'plugin_load')).toThrow(
    expect.objectContaining({ code: 'KORA_ADMISSION_DENIED' }),
  );
});

test.each([
  ['an empty object', {}],
  ['a frozen one', Object.freeze({})],
  ['a copy of a pass', 'copy'],
  ['a proxy of a pass', 'proxy'],
  ['nothing', undefined],
  ['a text', 'pass'],
])('%s is no pass', async (_, given) => {
  const { admission } = scene();
  const pass = await passFor(admission);
  const forged = given === 'copy' ? { ...pass } : given === 'proxy' ? new Proxy(pass, {}) : given;
  expect(() => admission.redeem(forged as Pass<'plugin_load'>, 'plugin_load')).toThrow('forged or used');
  expect(admission.redeem(pass, 'plugin_load')).toEqual(load);
});

test("another door's pass is refused, and gone", async () => {
  const { admission } = scene();
  const pass = await passFor(admission);
  const other = pass as unknown as Pass<'tool_call'>;
  expect(() => admission.redeem(other, 'tool_call')).toThrow('the pass is for plugin_load');
  expect(() => admission.redeem(pass, 'plugin_load')).toThrow('forged or used');
});

test("another runtime's pass is refused", async () => {
  const pass = await passFor(scene().admission);
  expect(() => scene().admission.redeem(pass, 'plugin_load')).toThrow('forged or used');
});

test('a pass dies with the door: what closed since is refused and counted, and stays refused when it opens again', async () => {
  const { admission, move, refusals } = scene();
  const { context } = questions.tool_call;
  const leave = await admission.admit('tool_call', context as DoorContexts['tool_call']);
  expect(leave.allow).toBe(true);
  const { pass } = leave as { pass: Pass<'tool_call'> };
  move({ stopLevel: 2 });
  expect(() => admission.redeem(pass, 'tool_call')).toThrow(
    expect.objectContaining({
      code: 'KORA_ADMISSION_DENIED',
      details: { door: 'tool_call', cause: 'stop_l2' },
    }),
  );
  expect(refusals).toEqual([{ door: 'tool_call', cause: 'stop_l2', caller: context.caller }]);
  move({ stopLevel: 0 });
  expect(() => admission.redeem(pass, 'tool_call')).toThrow('forged or used');
});

test('a reservation whose call was refused after all is given back, once', async () => {
  const released: string[] = [];
  const budget = {
    reserve: () => Promise.resolve({ ok: true, reserved: 10 } as const),
    release: (callId: string) => Promise.resolve(void released.push(callId)),
  };
  const { admission, move } = scene({ budget });
  const context = questions.model_call.context as DoorContexts['model_call'];
  const leave = await admission.admit('model_call', context);
  expect(released).toEqual([]);
  move({ stopLevel: 3 });
  expect(() => admission.redeem((leave as { pass: Pass<'model_call'> }).pass, 'model_call')).toThrow(
    'stop_l3',
  );
  expect(released).toEqual(['call-1']);
});

/** What compiles: `npm run types` reads this file, and an assertion that is not so is an error there. */
test("a sink without a pass, or with another door's, does not compile", () => {
  expectTypeOf<Pass<'tool_call'>>().not.toExtend<Pass<'claim'>>();
  expectTypeOf<Pass<'claim'>>().not.toExtend<Pass<'tool_call'>>();
  // A pass of some door is not one of this door.
  expectTypeOf<Pass<Door>>().not.toExtend<Pass<'claim'>>();
  // Nobody can write one: not by its fields, nor from nothing.
  expectTypeOf<object>().not.toExtend<Pass<'claim'>>();
  expectTypeOf<{ readonly door: 'claim' }>().not.toExtend<Pass<'claim'>>();
  expectTypeOf<Omit<ClaimWant, 'pass'>>().not.toExtend<ClaimWant>();
  expectTypeOf<Omit<ClaimWant, 'pass'> & { pass: Pass<'tool_call'> }>().not.toExtend<ClaimWant>();
  expectTypeOf<ClaimWant['pass']>().toEqualTypeOf<Pass<'claim'>>();
  // And what the door answers has no pass to give while it refuses.
  expectTypeOf<Extract<Awaited<ReturnType<Admission['admit']>>, { allow: false }>>().not.toHaveProperty(
    'pass',
  );
});

describe('what was done with leave may be taken back', () => {
  async function done(): Promise<ReturnType<typeof scene> & { readonly pass: Pass<'autofix'> }> {
    const made = scene();
    const { context } = questions.autofix;
    const leave = await made.admission.admit('autofix', context as DoorContexts['autofix']);
    if (!leave.allow) throw new Error(`closed: ${leave.cause}`);
    made.admission.redeem(leave.pass, 'autofix');
    return { ...made, pass: leave.pass };
  }

  test('once, and not what took it back', async () => {
    const { admission, pass } = await done();
    const leave = admission.undo(pass);
    if (!leave.allow) throw new Error(`closed: ${leave.cause}`);
    expect(admission.redeem(leave.pass, 'autofix')).toEqual(questions.autofix.context);
    for (const spent of [pass, leave.pass])
      expect(admission.undo(spent)).toMatchObject({ allow: false, cause: 'invalid_context' });
    expect(() => admission.redeem(leave.pass, 'autofix')).toThrow('forged or used');
  });

  test('nothing is, that was let through and not done', async () => {
    const { admission } = scene();
    const leave = await admission.admit('autofix', questions.autofix.context as DoorContexts['autofix']);
    const { pass } = leave as { pass: Pass<'autofix'> };
    expect(admission.undo(pass)).toMatchObject({ allow: false, cause: 'invalid_context' });
  });

  test('a stop that came meanwhile is heard, and counted, before the leave and after it', async () => {
    const before = await done();
    before.move({ stopLevel: 1 });
    expect(before.admission.undo(before.pass)).toMatchObject({ allow: false, cause: 'stop_l1' });
    const after = await done();
    const leave = after.admission.undo(after.pass) as { pass: Pass<'autofix'> };
    after.move({ stopLevel: 1 });
    expect(() => after.admission.redeem(leave.pass, 'autofix')).toThrow('stop_l1');
    for (const { refusals } of [before, after])
      expect(refusals).toMatchObject([{ door: 'autofix', cause: 'stop_l1' }]);
  });
});
