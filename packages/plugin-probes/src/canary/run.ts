import type { PluginContext, ProbeSnapshot, ProbeSpec } from '@kora/runtime/plugin';
import { canaryCompleted, canaryMissed, canaryStarted } from '../events.ts';
import { canaryProbe } from './contract.ts';
import { CanaryWay } from './way.ts';
import type { Stage } from './way.ts';

export type CanaryContext = Pick<
  PluginContext<unknown>,
  'chain' | 'clock' | 'log' | 'notify' | 'registerProbe'
>;

/** How long the whole way may take, and how often it is looked how far it has come. */
export const wayMs = 600_000;
const lookEveryMs = 1_000;
const pageLimit = 1_000;

const failedAt: Readonly<Record<Stage, string>> = {
  noticed: 'no incident was opened for it: failing looks are not noticed',
  told: 'its first message reached nobody: the channel does not deliver',
  investigated: 'nobody investigated it: wakes become no tickets, or tickets are not worked',
  findings_told: 'its findings reached nobody: the channel does not deliver',
  over: 'its incident did not end when it was good again',
  over_told: 'the word that it is over reached nobody: the channel does not deliver',
};

/**
 * Lets a synthetic fault travel from a probe to the operator and back, and waits for it. Its absence alarms: critical,
 * with the stage that it did not reach. Answers whether it came through; undefined when it was called off.
 */
export async function runCanary(
  context: CanaryContext,
  canaryId: string,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const { chain, clock } = context;
  const beganAt = clock.now();
  const way = new CanaryWay(beganAt);
  const [head] = await chain.read({ order: 'desc', limit: 1 });
  await chain.append({ type: canaryStarted.type, payload: { canary_id: canaryId } });
  const probe = await context.registerProbe(spec(() => !way.isInvestigated));
  try {
    let after = head?.seq ?? 0;
    while (way.missing !== null && clock.now() - beganAt < wayMs) {
      if (!(await clock.sleep(lookEveryMs, signal))) return undefined;
      after = await readOn(context, way, after);
    }
  } finally {
    await probe.dispose();
  }
  const { missing } = way;
  if (missing === null) {
    await chain.append({ type: canaryCompleted.type, payload: { ...way.times(canaryId) } });
    return true;
  }
  await alarm(context, {
    canaryId,
    stage: missing,
    key: `canary:${canaryId}:${missing}`,
    why: failedAt[missing],
  });
  return false;
}

async function readOn({ chain }: CanaryContext, way: CanaryWay, from: number): Promise<number> {
  let after = from;
  for (;;) {
    const page = await chain.read({ after, limit: pageLimit });
    for (const event of page) way.see(event);
    after = page.at(-1)?.seq ?? after;
    if (page.length < pageLimit) return after;
  }
}

interface Alarm {
  readonly canaryId: string | null;
  readonly stage: string;
  readonly key: string;
  readonly why: string;
}

/** Tells the operator past the loop that may be dead: straight into the outbox, and as an event that alerts read. */
export async function alarm({ chain, notify, log }: CanaryContext, the: Alarm): Promise<void> {
  const { canaryId, stage, key, why } = the;
  log.error(`the canary did not come through: ${why}`, { canaryId, stage });
  await chain.append({ type: canaryMissed.type, payload: { canary_id: canaryId, stage } });
  await notify.send({
    key,
    thread: 'canary',
    severity: 'critical',
    title: '🚨 The canary did not come through',
    body: `Once a day a synthetic fault travels from a probe to you and back. This time: ${why}. Until that is mended, do not take quiet for health.\nNext step: kora doctor`,
    source: 'probe_canary',
  });
}

/** Fails until it was investigated and told, then is good again; a look a second, so that the way takes a minute. */
function spec(failing: () => boolean): ProbeSpec {
  return {
    name: canaryProbe,
    kind: 'canary',
    target: 'the way from probe to operator',
    everyMs: 1_000,
    consecutive: 2,
    severity: 'info',
    check: (): Promise<ProbeSnapshot> =>
      Promise.resolve(
        failing()
          ? {
              status: 'degraded',
              category: 'drift',
              details: { canary: true },
              error: 'the daily canary: nothing is wrong, this fault is made to see that faults are noticed',
            }
          : { status: 'healthy', details: { canary: true } },
      ),
  };
}
