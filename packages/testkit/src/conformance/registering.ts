import { fault } from '@kora/runtime/testkit';
import type { PluginContext } from '@kora/runtime/plugin';
import { failure } from './failure.ts';
import type { Subject } from './life.ts';
import { leftOpenBy } from './traces.ts';
import type { TestRuntime } from '../test-runtime.ts';

/** A plugin with more is tried at the first of them. */
const mostRefused = 25;

export async function declaredIsRegistered(subject: Subject): Promise<void> {
  await subject.live(async (runtime) => {
    await runtime.start();
    const { difference } = runtime;
    if (difference !== undefined) throw failure(difference, 'kora plugin manifest');
    const failed = runtime.daemons.filter(({ state }) => state === 'failed');
    if (failed.length > 0)
      throw failure(failed.map(({ name, error }) => `daemon ${name} did not start: ${error}`).join('; '));
  });
}

/** Refuses its registrations one after the other, each in a new house. */
export async function registersAllOrNothing(subject: Subject): Promise<void> {
  let count = 0;
  await subject.live(
    () => Promise.resolve(),
    (context) => counting(context, () => void (count += 1)),
  );
  for (let nth = 1; nth <= Math.min(count, mostRefused); nth += 1) await refuse(subject, nth);
}

async function refuse(subject: Subject, nth: number): Promise<void> {
  const runtime = await subject.house();
  let refused = '';
  let threw = false;
  const open = await leftOpenBy(async () => {
    let at = 0;
    const through = (context: PluginContext<unknown>): PluginContext<unknown> =>
      counting(context, (name) => {
        at += 1;
        if (at !== nth) return;
        refused = name;
        throw fault('KORA_PLUGIN_REFUSED', `${name} is refused, to see what becomes of the rest`);
      });
    await runtime.load(through).catch(() => (threw = true));
    await runtime.dispose();
  });
  const what = `when registration ${nth} (${refused}) is refused`;
  if (!threw)
    throw failure(
      `${what}, register resolves all the same: half of the plugin would stand`,
      'let the refusal through',
    );
  const left = [...runtime.leftovers(), ...open, ...doneBy(runtime)];
  if (left.length > 0) throw failure(`${what}, this is left: ${left.join(', ')}`);
}

/** What no disposal takes back. */
function doneBy({ events, messages, tickets }: TestRuntime): readonly string[] {
  return [
    ...events.map(({ type }) => `event ${type}`),
    ...messages.map(({ title }) => `message "${title}"`),
    ...tickets.map(({ title }) => `ticket "${title}"`),
  ];
}

function counting(context: PluginContext<unknown>, before: (name: string) => void): PluginContext<unknown> {
  const members = Object.entries(context).map(([name, member]: [string, unknown]) => {
    if (!name.startsWith('register') && name !== 'subscribe') return [name, member];
    const register = member as (...args: unknown[]) => Promise<unknown>;
    return [
      name,
      async (...args: unknown[]) => {
        before(name);
        return register(...args);
      },
    ];
  });
  return Object.fromEntries(members) as PluginContext<unknown>;
}
