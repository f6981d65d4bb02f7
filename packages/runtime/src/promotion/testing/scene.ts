import { z } from 'zod';
import { Chain, Vocabulary } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import { FakeClock, systemClock } from '../../clock/index.ts';
import type { PeriodicTaskSpec } from '../../daemon/index.ts';
import { fault } from '../../fault/index.ts';
import { acceptMessage, messageEvents } from '../../message/index.ts';
import { Scope } from '../../scope/index.ts';
import type { Database } from '../../store/index.ts';
import type { ChangeKindSpec, LoopSpec, Measure, Overlay, ProposalDraft } from '../contract.ts';
import { promotionEvents, Promotion } from '../index.ts';
import type { PromotionPorts } from '../ports.ts';
import type { LoopRun } from '../view.ts';

const none = async (): Promise<{ readonly rows: readonly never[]; readonly next: null }> => ({
  rows: [],
  next: null,
});

export const gain = { microUsdPerDay: 2_000_000, secondsPerDay: 60 };
export const figures = [{ name: 'precision', before: null, after: 0.99, samples: 80 }];

/** Words that are known by heart: the simplest kind there is. What is in force of it is what it took last. */
export interface Words {
  readonly spec: ChangeKindSpec;
  readonly taken: (readonly Overlay[])[];
  refusal: string | null;
  risk: 'low' | 'high';
  examined: number;
  /** The look, counted from 1, that finds something in the way. */
  refuseAt: number;
}

export function wordsKind(): Words {
  const words: Words = {
    taken: [],
    refusal: null,
    risk: 'high',
    examined: 0,
    refuseAt: 0,
    spec: {
      kind: 'book.entry',
      means: 'Words that are known by heart.',
      value: z.strictObject({ reply: z.string().min(1) }),
      examine: async ({ value }) => {
        words.examined += 1;
        const { reply } = value as { readonly reply: string };
        return {
          title: 'an entry',
          risk: words.risk,
          lines: [{ path: 'reply', before: null, after: reply }],
          blastRadius: 'questions on cli',
          refusal: words.examined === words.refuseAt ? 'it is locked' : words.refusal,
        };
      },
      take: async (overlays) => void words.taken.push(overlays),
    },
  };
  return words;
}

/** A loop that says what a test says. */
export interface Script {
  drafts: readonly unknown[];
  passed: boolean;
  measure: Measure | Error;
}

export function scriptedLoop(script: Script, over: Partial<LoopSpec['settings']> = {}): LoopSpec {
  return {
    name: 'promote_words',
    means: 'Finds words.',
    kinds: ['book.entry'],
    settings: {
      enabled: true,
      everyHours: 24,
      windowDays: 7,
      expiryDays: 14,
      trialHours: 24,
      applyLowRisk: false,
      ...over,
    },
    observe: async () => ({ observed: 100, drafts: script.drafts as readonly ProposalDraft[] }),
    examine: async () => ({
      passed: script.passed,
      why: script.passed ? 'precision 0.99 of 80' : 'precision 0.7',
      figures,
      gain,
    }),
    measure: async () => {
      if (script.measure instanceof Error) throw script.measure;
      return script.measure;
    },
  };
}

export function shown(verdict: Measure['verdict'], why = 'as it was seen'): Measure {
  return { verdict, why, figures, gain };
}

export function draftOf(
  size = 10,
  over: Partial<ProposalDraft['change']> = {},
  word = 'how high',
): ProposalDraft {
  return {
    identity: { word },
    change: { kind: 'book.entry', key: 'how high', value: { reply: '3.5 m' }, ...over },
    title: `Answer "${word}" at no cost`,
    why: 'It is asked again and again.',
    evidence: { size, samples: [{ text: word, ref: 'run 01J' }] },
    baseline: [],
    expected: gain,
  };
}

export interface SceneOptions {
  readonly clock?: FakeClock;
  /** Stands between a deed and its events: what it does, happens within the transaction. */
  readonly onStage?: (drafts: readonly EventDraft[]) => Promise<void>;
}

export interface PromotionScene {
  readonly promotion: Promotion;
  readonly clock: FakeClock;
  readonly errors: unknown[];
  readonly tasks: ReadonlyMap<string, PeriodicTaskSpec>;
  /** Tasks whose last turn came while nothing could act. */
  readonly blocked: Set<string>;
  /** Runs one cycle of the loop. */
  cycle(): Promise<LoopRun>;
  sweep(): Promise<number>;
  pass(hours: number): Promise<void>;
  /** What was told, in order: `proposed`, `loop_ran`. */
  events(): Promise<string[]>;
  close(): Promise<void>;
}

/** One runtime's promotion over a real store and chain; its tasks run when the test says so. */
export async function promotionScene(
  database: Database,
  workspaceId: number,
  { clock = new FakeClock(), onStage = async () => undefined }: SceneOptions = {},
): Promise<PromotionScene> {
  const ids = systemClock();
  const scope = new Scope('scene');
  const runtimeId = ids.uuid();
  const chain = new Chain({
    database,
    owner: { workspaceId, runtimeId, sessionId: ids.uuid(), actorId: 'kora' },
    vocabulary: new Vocabulary(),
    clock: ids,
    scope,
    onError: () => undefined,
  });
  await chain.declare('kora', [...promotionEvents, ...messageEvents]);
  const errors: unknown[] = [];
  const tasks = new Map<string, PeriodicTaskSpec>();
  const blocked = new Set<string>();
  const stage: PromotionPorts['stage'] = async (tx, drafts) => {
    await onStage(drafts);
    await chain.stage(tx, drafts);
  };
  const tell: PromotionPorts['tell'] = async (tx, message) =>
    void (await acceptMessage(tx, { workspaceId, stage }, message));
  const run = async (name: string): Promise<void> => {
    const task = tasks.get(name);
    if (task === undefined) throw fault('KORA_TASK_UNKNOWN', `there is no task ${name}`);
    await task.run({
      signal: new AbortController().signal,
      scheduledAt: new Date(clock.now()).toISOString(),
    });
  };
  const promotion = new Promotion({
    database,
    workspaceId,
    runtimeId,
    clock,
    reads: { questions: none, toolCalls: none, incidents: none, attempts: none, events: none },
    stage,
    tell,
    ask: (tx, _asked, message) => tell(tx, message),
    schedule: async (task) => {
      tasks.set(task.name, task);
      return async () => void tasks.delete(task.name);
    },
    runNow: run,
    blocked: async () => blocked,
    scrub: (text) => text.replaceAll('hunter2', '[secret]'),
    onError: (_where, error) => void errors.push(error),
  });
  await promotion.open(scope);
  await promotion.start(scope);
  return {
    promotion,
    clock,
    errors,
    tasks,
    blocked,
    cycle: () => promotion.run('promote_words', { by: 'operator', reason: 'now' }),
    sweep: () => promotion.sweep(new AbortController().signal),
    pass: (hours) => clock.advance(hours * 3_600_000),
    events: async () => {
      const rows = await database.query<{ type: string }>(
        `select type from kora.stage where workspace_id = $1 and type like 'promotion.%' order by number`,
        [workspaceId],
      );
      return rows.map(({ type }) => type.slice('promotion.'.length));
    },
    close: () => scope.dispose(),
  };
}
