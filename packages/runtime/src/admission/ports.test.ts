import { expect, test, vi } from 'vitest';
import { fault } from '../fault/index.ts';
import { doorLines, noBudget, noCapabilities } from './index.ts';
import type { AdmissionOptions, BudgetPort, CapabilityPort, DoorContexts } from './index.ts';
import { ask, questions, scene } from './testing/scene.ts';

const model = questions.model_call.context as DoorContexts['model_call'];
const away = (): Error => fault('KORA_STORE_UNREACHABLE', 'no store');

test.each<[string, Partial<AdmissionOptions>, string]>([
  ['says that it does not know', { budget: noBudget }, 'budget_unknown'],
  ['throws', { budget: { reserve: () => Promise.reject(new Error('no journal')) } }, 'budget_unknown'],
  ['answers nothing', { budget: { reserve: () => Promise.resolve(undefined as never) } }, 'budget_unknown'],
  [
    'answers nonsense',
    { budget: { reserve: () => Promise.resolve({ ok: 'yes' } as never) } },
    'budget_unknown',
  ],
  [
    'is spent',
    { budget: { reserve: () => Promise.resolve({ ok: false, cause: 'budget_spent' }) } },
    'budget_spent',
  ],
  [
    'cannot be read, with the store away',
    { budget: { reserve: () => Promise.reject(away()) } },
    'store_away',
  ],
])('a budget that %s refuses the model call (defect 10)', async (_, options, cause) => {
  const { admission } = scene(options);
  expect(await admission.admit('model_call', model)).toMatchObject({ allow: false, cause });
});

test.each([Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY, 2 ** 60])(
  'an estimate of %d is no amount, and the budget is not even asked (defect 10)',
  async (estimateMicroUsd) => {
    const reserve = vi.fn<BudgetPort['reserve']>();
    const { admission } = scene({ budget: { reserve } });
    const answer = await admission.admit('model_call', { ...model, estimateMicroUsd });
    expect(answer).toMatchObject({ allow: false, blockKind: 'budget', cause: 'budget_unknown' });
    expect(reserve).not.toHaveBeenCalled();
  },
);

test.each<[string, CapabilityPort['check'], object]>([
  ['has no matrix', noCapabilities.check, { cause: 'capability_unmapped' }],
  [
    'denies',
    () => Promise.resolve({ verdict: 'denied', cause: 'capability_denied' }),
    { cause: 'capability_denied' },
  ],
  [
    'asks',
    () => Promise.resolve({ verdict: 'ask', approvalId: 12 }),
    { cause: 'approval_pending', approvalId: 12 },
  ],
  ['throws', () => Promise.reject(new Error('no matrix')), { cause: 'invalid_context' }],
  [
    'throws at once',
    () => {
      throw new Error('no matrix');
    },
    { cause: 'invalid_context' },
  ],
  ['loses its store', () => Promise.reject(away()), { cause: 'store_away' }],
  ['answers nonsense', () => Promise.resolve({ verdict: true } as never), { cause: 'invalid_context' }],
])('a capability port that %s lets nothing through', async (_, check, refusal) => {
  const { admission } = scene({ capabilities: { check } });
  for (const line of ['tool_call', 'autofix', 'outbound_message_others'] as const) {
    const { door, context } = questions[line];
    expect(await admission.admit(door, context)).toMatchObject({ allow: false, ...refusal });
  }
});

test('what is asked for carries its door, and the reason goes along on one line', async () => {
  const asked: unknown[] = [];
  const { admission } = scene({
    capabilities: {
      check: ({ what, reason }) => {
        asked.push([what, reason]);
        return Promise.resolve({ verdict: 'granted' });
      },
    },
  });
  for (const line of ['tool_call', 'autofix', 'outbound_message_others'] as const) {
    const { door, context } = questions[line];
    const reason = line === 'autofix' ? {} : { reason: ' so\nthat \u001b[2Jit works\0' };
    expect(await admission.admit(door, { ...context, ...reason })).toMatchObject({ allow: true });
  }
  expect(asked).toEqual([
    ['tool:web_search', 'so that  [2Jit works'],
    ['fix:restart', undefined],
    ['channel:mail', 'so that  [2Jit works'],
  ]);
});

test('a stop that comes while a port is asked still refuses, and the reservation is given back', async () => {
  const released: string[] = [];
  const { admission, move } = scene({
    budget: {
      reserve: () => {
        move({ stopLevel: 2 });
        return Promise.resolve({ ok: true, reserved: 10 });
      },
      release: (callId) => Promise.resolve(void released.push(callId)),
    },
  });
  expect(await admission.admit('model_call', model)).toMatchObject({ allow: false, cause: 'stop_l2' });
  expect(released).toEqual(['call-1']);
});

test('while secrets are locked, what needs one is closed; the operator is told all the same', async () => {
  const { admission } = scene({ locked: () => true });
  const answers = await Promise.all(doorLines.map((line) => ask(admission, line, false)));
  const closed = doorLines.filter((_, at) => answers[at]?.allow === false);
  expect(closed).toEqual(['model_call', 'tool_call', 'autofix', 'outbound_message_others']);
});
