import { realpath } from 'node:fs/promises';
import { loopback } from '@kora/runtime/testkit';
import { messageOf } from '@kora/runtime/plugin';
import type { PluginContext } from '@kora/runtime/plugin';
import type { TestRuntime } from '../test-runtime.ts';
import { folderOf } from '../manifest.ts';
import { failure } from './failure.ts';
import { hasCode } from './life.ts';
import type { Subject } from './life.ts';
import { overheard } from './overheard.ts';
import { lostInCrossing } from './plain.ts';

/** With these the house refuses the form of something, and not what it asks for. */
const malformed = new Set([
  'KORA_EVENT_UNKNOWN',
  'KORA_EVENT_INVALID',
  'KORA_PLUGIN_INVALID',
  'KORA_CHANNEL_UNKNOWN',
]);
/** With these a crossing fails. */
const uncrossed = new Set([...malformed, 'KORA_PLUGIN_FAILED', 'KORA_PLUGIN_REFUSED']);

export async function everythingParses(subject: Subject): Promise<void> {
  await subject.live(async (runtime) => {
    await subject.exercise(runtime);
    refuseTrouble(runtime, malformed);
  });
}

/** By the very messages that go to a process of its own. What only trusted plugins register stays on this side. */
export async function crossesAProcess(subject: Subject): Promise<void> {
  const lost = new Set<string>();
  const see = (what: string, value: unknown): void => {
    for (const each of lostInCrossing(value)) lost.add(`${what}: ${each}`);
  };
  const packageFolder = await realpath(folderOf(subject.options.packageDir));
  const runtime = await subject.house();
  let close: (() => void) | undefined;
  const through = (context: PluginContext<unknown>): PluginContext<unknown> => {
    const { id, workspace, config, signal } = context;
    const facts = { id, workspace, config, signal };
    const crossing = loopback(facts, context, { clock: runtime.clock, packageFolder });
    close = crossing.close;
    const { registerBootGate, registerFix, registerChangeKind, clock } = context;
    const heard = overheard({ ...crossing.context, registerBootGate, registerFix, clock }, see);
    // Its schema stays with it, and nothing of it ever crosses.
    return { ...heard, registerChangeKind };
  };
  try {
    await runtime.load(through);
    await subject.exercise(runtime);
    refuseTrouble(runtime, uncrossed);
  } catch (error) {
    if (lost.size === 0) throw error;
  } finally {
    await runtime.dispose().catch(() => undefined); // another check's finding
    close?.();
  }
  if (lost.size > 0)
    throw failure(
      `this would not arrive as it was sent: ${[...lost].slice(0, 10).join('; ')}`,
      'hand over plain data: text, numbers, booleans, lists and objects',
    );
}

function refuseTrouble({ house, parked }: TestRuntime, codes: ReadonlySet<string>): void {
  const trouble = house.refusals.filter((error) => hasCode(error, codes)).map(messageOf);
  const stuck = parked.map(
    ({ consumer, seq, error }) => `${consumer} cannot react to event ${seq}: ${error}`,
  );
  const found = [...new Set([...trouble, ...stuck])];
  if (found.length > 0) throw failure(found.join('; '));
}
