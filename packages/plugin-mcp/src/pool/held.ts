import type { PluginContext } from '@kora/runtime/plugin';
import { stateOf } from './pins.ts';
import type { Pin } from './pins.ts';

const hourMs = 3_600_000;
/** How often in an hour it is on record that tools of one server wait. */
const mostTold = 10;

interface Told {
  readonly name: string;
  /** Milliseconds since 1970, of the last hour. */
  toldAt: number[];
}

/** Puts on record what became new or another. The house asks the operator about it, with the code that approves it. */
export async function recordHeld(
  host: Pick<PluginContext<unknown>, 'chain' | 'clock'>,
  about: Told,
  held: readonly Pin[],
): Promise<void> {
  const { name: server } = about;
  const now = host.clock.now();
  about.toldAt = about.toldAt.filter((at) => now - at < hourMs);
  // One that is another at every look would fill the log; it is held all the same.
  if (about.toldAt.length >= mostTold) return;
  about.toldAt.push(now);
  for (const pin of held) {
    const why = stateOf(pin) === 'changed' ? 'changed' : 'new';
    const payload = { server, tool: pin.tool, why, sha256: pin.sha256, approved_sha256: pin.approved };
    await host.chain.append({ type: 'mcp.tool_held', payload });
  }
}
