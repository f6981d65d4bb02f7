import type { PluginContext } from '@kora/runtime/plugin';
import { stateOf } from './pins.ts';
import type { Pin } from './pins.ts';

const hourMs = 3_600_000;
/** How often in an hour it is told that tools of one server wait. */
const mostTold = 10;

interface Told {
  readonly name: string;
  /** Milliseconds since 1970, of the last hour. */
  toldAt: number[];
}

/** Tells what became new or another, with what approves it. */
export async function tellHeld(
  host: Pick<PluginContext<unknown>, 'chain' | 'clock' | 'notify'>,
  about: Told,
  held: readonly Pin[],
): Promise<void> {
  const { name: server } = about;
  const now = host.clock.now();
  about.toldAt = about.toldAt.filter((at) => now - at < hourMs);
  // One that is another at every look would fill the log and the inbox; it is held all the same.
  if (about.toldAt.length >= mostTold) return;
  about.toldAt.push(now);
  for (const pin of held) {
    const why = stateOf(pin) === 'changed' ? 'changed' : 'new';
    const payload = { server, tool: pin.tool, why, sha256: pin.sha256, approved_sha256: pin.approved };
    await host.chain.append({ type: 'mcp.tool_held', payload });
  }
  const changed = held.filter((pin) => stateOf(pin) === 'changed');
  const marks = held.map(({ sha256 }) => sha256.slice(0, 12)).join(':');
  const body = [
    ...held.map(({ tool, sha256, approved }) =>
      approved === null
        ? `new:      ${tool}  ${sha256.slice(0, 12)}`
        : `changed:  ${tool}  ${approved.slice(0, 12)} → ${sha256.slice(0, 12)}`,
    ),
    '',
    'None of them is offered until you approve it:',
    `  kora mcp tool show ${server}`,
    `  kora mcp tool approve ${server} TOOL --reason '...'`,
  ];
  await host.notify.send({
    key: `mcp:held:${server}:${marks}`.slice(0, 200),
    thread: `mcp:${server}`,
    severity: changed.length > 0 ? 'warning' : 'info',
    title: `MCP server ${server}: ${held.length} ${held.length === 1 ? 'tool waits' : 'tools wait'} for your approval`,
    body: body.join('\n'),
    source: 'mcp',
  });
}
