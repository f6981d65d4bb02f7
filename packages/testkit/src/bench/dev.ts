import { fault } from '@kora/runtime/testkit';
import { words } from '../house/words.ts';
import type { Happening } from '../contract.ts';
import { readPackage } from '../manifest.ts';
import type { PluginPackage } from '../manifest.ts';
import { sampleWake, wakeRequested } from '../sample-wake.ts';
import { TestRuntime } from '../test-runtime.ts';
import { loadPlugin, ownConfig } from './load.ts';
import type { BenchOrder, DevAnswer } from './orders.ts';

/** Long enough for whatever is due at once. */
const firstMs = 1_000;

type DevOrder = Extract<BenchOrder, { verb: 'dev' }>;

/** Runs a plugin once in a house in memory, and tells what happens as it happens. */
export async function runDev(order: DevOrder, tell: (happening: Happening) => void): Promise<DevAnswer> {
  const found = await readPackage(order.directory);
  const { plugin, entry } = await loadPlugin(found, 'sources', order.entry);
  const config = await ownConfig(found);
  const secrets = secretsOf(found, order);
  // Opened when the plugin says that it keeps tables, and not before.
  const options = { plugin, trusted: true, config, secrets, store: 'pglite' as const, onHappening: tell };
  const runtime = new TestRuntime(options, found);
  try {
    await runtime.load();
    await runtime.start();
    await play(runtime, order);
    const { registered, difference, events, tickets, messages, spentMicroUsd, daemons, parked } = runtime;
    return {
      plugin: plugin.id,
      entry,
      registered,
      difference: difference ?? null,
      events: events.length,
      tickets: tickets.length,
      messages: messages.length,
      spentMicroUsd,
      failedDaemons: daemons
        .filter(({ state }) => state === 'failed')
        .map(({ name, error }) => `${name}: ${error}`),
      parked: parked.map(({ consumer, seq, error }) => `${consumer} at event ${seq}: ${error}`),
    };
  } finally {
    await runtime.dispose();
  }
}

/** Everything once: what is due, what is not due yet, a wake for whoever waits for one, and what was asked for. */
async function play(runtime: TestRuntime, order: DevOrder): Promise<void> {
  const { house } = runtime;
  await runtime.advance(order.forMs ?? firstMs);
  const ran = new Set(runtime.runs.map(({ task }) => task));
  // A throw is told as what happened.
  for (const { spec } of house.schedule.tasks.list())
    if (!ran.has(spec.name)) await runtime.runTask(spec.name).catch(() => undefined);
  for (const event of order.events) {
    const [type, payload] = named(event, 'event');
    await runtime.raise({ type, payload });
  }
  const waits = house.subscriptions.readers.list().some(({ spec }) => spec.types.includes(wakeRequested));
  if (order.events.length === 0 && waits) await runtime.raise(sampleWake);
  for (const ticket of order.tickets) {
    const [kind, payload] = named(ticket, 'ticket');
    runtime.addTicket({ kind, title: `tried by hand: ${kind}`, payload });
  }
  await runtime.workTickets();
  for (const tool of order.tools) await tryTool(runtime, ...named(tool, 'tool'));
  for (const text of order.questions) {
    const { status, error, text: said } = await runtime.ask(text);
    house.diary.tell('decision', `${status}${error === null ? '' : ` (${error})`}: ${words(said)}`);
  }
}

/** With the leave it needs: whoever tries it by hand is the operator. */
async function tryTool(runtime: TestRuntime, name: string, input: unknown): Promise<void> {
  const { house } = runtime;
  const tool = house.tools.get(name);
  if (tool !== undefined) runtime.grant(tool.capability);
  const outcome = await runtime.callTool(name, input);
  const said = 'text' in outcome ? outcome.text : outcome.cause;
  house.diary.tell('decision', `tool ${name}: ${outcome.status}: ${words(said)}`);
}

/** What of the operator's variables is this plugin's: the secrets that it declares. */
function secretsOf({ manifest }: PluginPackage, order: DevOrder): Record<string, string> {
  const prefix = `KORA_PLUGIN_${manifest.id.toUpperCase().replaceAll('-', '_')}_`;
  return Object.fromEntries(
    manifest.secrets.flatMap((name) => {
      const value = order.secrets[`${prefix}${name}`];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** `kind` or `kind={"a":1}`. Throws KORA_USAGE. */
function named(text: string, flag: string): [name: string, payload: Record<string, unknown>] {
  const at = text.indexOf('=');
  if (at < 0) return [text, {}];
  try {
    return [text.slice(0, at), JSON.parse(text.slice(at + 1)) as Record<string, unknown>];
  } catch (cause) {
    throw fault('KORA_USAGE', `--${flag} ${text}: what follows = is no JSON`, { cause });
  }
}
