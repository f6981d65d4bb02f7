import { KoraError, messageOf } from '@kora/runtime/plugin';
import type { BackgroundDaemonEntry, PluginContext, Registration, ToolSpec } from '@kora/runtime/plugin';
import { z } from 'zod';
import type { McpConfig, ServerConfig } from '../config.ts';
import { seenDescription, seenSchema } from './fitting.ts';
import { recordHeld } from './held.ts';
import { Link } from './link.ts';
import { capabilityOf, offeredName } from './name.ts';
import { stateOf } from './pins.ts';
import type { Pin, Pins, PinState } from './pins.ts';

export type PoolHost = Pick<
  PluginContext<unknown>,
  'chain' | 'clock' | 'log' | 'mcp' | 'registerTool' | 'secret'
>;

interface Offer {
  readonly sha256: string;
  readonly registration: Registration;
}

interface Server {
  readonly name: string;
  readonly config: ServerConfig;
  readonly link: Link;
  /** Of its tools, those that are offered now, by their names there. */
  readonly offers: Map<string, Offer>;
  state: 'unknown' | 'connected' | 'away';
  lookedAt: number;
  /** It said that its tools are others now. */
  isStale: boolean;
  /** When it was told of tools that wait, in milliseconds since 1970; of the last hour. */
  toldAt: number[];
  held: number;
  turn: Promise<void>;
}

/** A server as the operator sees it. */
export interface ServerView {
  readonly name: string;
  readonly state: 'unknown' | 'connected' | 'away';
  readonly error: string | null;
  readonly lastCheckAt: string | null;
  /** Of its tools, those that waited for the operator's approval when it was looked at last. */
  readonly held: number;
}

/** Whether it is for the operator to say. */
function waits(pin: Pin): boolean {
  return ['new', 'changed'].includes(stateOf(pin));
}

const never = Number.NEGATIVE_INFINITY;
/** How often it is asked whose look is due. */
const tickMs = 5_000;

/**
 * Other people's MCP servers, kept connected. A tool is offered to whoever thinks as it was approved, and only while its
 * server describes it in those very words: what is new or has changed is held. What a tool answers is a stranger's text.
 */
export class Pool {
  readonly #host: PoolHost;
  readonly #pins: Pins;
  readonly #servers: ReadonlyMap<string, Server>;
  #over = new AbortController();

  constructor(host: PoolHost, pins: Pins, servers: McpConfig['servers']) {
    this.#host = host;
    this.#pins = pins;
    const entries = Object.entries(servers).map(([name, config]): [string, Server] => {
      const link = new Link({ name, config, context: host, onToolsChanged: () => this.#stale(name) });
      const standing = {
        state: 'unknown',
        lookedAt: never,
        isStale: false,
        toldAt: [],
        held: 0,
        turn: Promise.resolve(),
      } satisfies Partial<Server>;
      return [name, { name, config, link, offers: new Map(), ...standing }];
    });
    this.#servers = new Map(entries);
  }

  /** The daemon: what was approved is offered from the start, and connected to when it is first asked for. */
  daemon(): BackgroundDaemonEntry {
    return {
      name: 'mcp_consumption',
      startup: async () => {
        this.#over = new AbortController();
        for (const server of this.#servers.values())
          await this.#offer(server, await this.#pins.list(server.name));
        await this.#show();
      },
      shutdown: async () => {
        this.#over.abort();
        await Promise.all([...this.#servers.values()].map((server) => this.#leave(server)));
        await this.#show();
      },
      periodicTasks: [
        {
          name: 'mcp_health',
          cadence: { everyMs: tickMs },
          purpose: 'observe',
          scope: 'runtime',
          timeoutMs: 120_000,
          catchUp: 'none',
          run: async ({ signal }) => {
            const looks = [...this.#servers.values()].map((server) => this.#lookIfDue(server, signal));
            return (await Promise.all(looks)).some(Boolean) ? 'ok' : 'noop';
          },
        },
      ],
    };
  }

  servers(): ServerView[] {
    return [...this.#servers.values()].map(({ name, state, link, lookedAt, held }) => ({
      name,
      state,
      error: link.error,
      held,
      lastCheckAt: lookedAt === never ? null : new Date(lookedAt).toISOString(),
    }));
  }

  async tools(): Promise<(Pin & { readonly state: PinState; readonly offeredAs: string | null })[]> {
    const pins = await this.#pins.list();
    return pins.map((pin) => ({
      ...pin,
      state: stateOf(pin),
      offeredAs:
        this.#servers.get(pin.server)?.offers.has(pin.tool) === true
          ? offeredName(pin.server, pin.tool)
          : null,
    }));
  }

  /** From now on it is offered as it was seen under this hash. False when it is another by now, or not there. */
  async approve(serverName: string, tool: string, sha256: string): Promise<boolean> {
    if (!(await this.#pins.approve(serverName, tool, sha256))) return false;
    const payload = { server: serverName, tool, sha256 };
    await this.#host.chain.append({ type: 'mcp.tool_approved', payload });
    const server = this.#servers.get(serverName);
    if (server !== undefined)
      await this.#inTurn(server, async () => this.#offer(server, await this.#pins.list(serverName)));
    return true;
  }

  /** Looks at one server now: whether it is there, and what it offers. */
  async look(serverName: string, signal: AbortSignal): Promise<void> {
    const server = this.#servers.get(serverName);
    if (server !== undefined) await this.#inTurn(server, () => this.#look(server, signal));
  }

  async #lookIfDue(server: Server, signal: AbortSignal): Promise<boolean> {
    const now = this.#host.clock.now();
    const everyMs = server.state === 'away' ? tickMs : server.config.healthEveryMs;
    if (now - server.lookedAt < everyMs && !server.isStale) return false;
    await this.#inTurn(server, () => this.#look(server, signal));
    return true;
  }

  /** One look or change at a time: what a look found is not undone by one that began before it. */
  #inTurn(server: Server, work: () => Promise<void>): Promise<void> {
    const shown = async (): Promise<void> => {
      try {
        await work();
      } finally {
        await this.#show();
      }
    };
    server.turn = server.turn.then(shown, shown);
    return server.turn;
  }

  async #look(server: Server, signal: AbortSignal): Promise<void> {
    const { name, link } = server;
    server.lookedAt = this.#host.clock.now();
    server.isStale = false;
    try {
      const tools = await link.tools(AbortSignal.any([signal, this.#over.signal]));
      const { pins, held, left } = await this.#pins.see(name, tools);
      await this.#offer(server, pins);
      if (left > 0)
        this.#host.log.warn(`MCP server ${name}: tools that cannot be kept are left out`, { left });
      if (held.length > 0) await recordHeld(this.#host, server, held);
      await this.#moved(server, 'connected', tools.length);
    } catch (error) {
      if (this.#over.signal.aborted) return;
      // Nobody knows whether it still says what was approved: nothing is called before a look that succeeds.
      server.isStale = true;
      this.#host.log.warn(`MCP server ${name} could not be looked at`, { error: messageOf(error) });
      await this.#moved(server, 'away', null);
    }
  }

  async #moved(server: Server, state: 'connected' | 'away', tools: number | null): Promise<void> {
    if (server.state === state) return;
    server.state = state;
    const payload = { server: server.name, state, tools, error: state === 'away' ? server.link.error : null };
    await this.#host.chain.append({ type: 'mcp.server_changed', payload });
  }

  /** `kora doctor` says which are away, and where a tool waits. */
  async #show(): Promise<void> {
    const seen = this.servers().map(({ name, state, error, held }) => ({ name, state, error, held }));
    await this.#host.mcp.showServers(seen);
  }

  /** Brings what is offered to what is approved: takes back what is held or gone first. */
  async #offer(server: Server, pins: readonly Pin[]): Promise<void> {
    server.held = pins.filter((pin) => waits(pin)).length;
    const approved = new Map(pins.filter((pin) => stateOf(pin) === 'approved').map((pin) => [pin.tool, pin]));
    for (const [tool, offer] of server.offers) {
      if (approved.get(tool)?.sha256 === offer.sha256) continue;
      server.offers.delete(tool);
      await offer.registration.dispose();
    }
    for (const pin of approved.values()) {
      if (server.offers.has(pin.tool)) continue;
      try {
        const registration = await this.#host.registerTool(this.#specOf(server, pin));
        server.offers.set(pin.tool, { sha256: pin.sha256, registration });
      } catch (error) {
        // Its words do not fit ours: it stays approved, and is not offered.
        this.#host.log.warn(`tool ${pin.tool} of MCP server ${server.name} cannot be offered`, {
          error: messageOf(error),
        });
      }
    }
  }

  #specOf(server: Server, { tool, description, inputSchema }: Pin): ToolSpec {
    const { name, config, link } = server;
    return {
      name: offeredName(name, tool),
      description: seenDescription(name, tool, description),
      input: z.fromJSONSchema(seenSchema(inputSchema) as Pin['inputSchema']) as ToolSpec['input'],
      capability: capabilityOf(name),
      sideEffects: config.sideEffects,
      timeoutMs: config.timeoutMs,
      run: async (input, { signal }) => {
        // A way that is opened anew may lead to another server than the one that was approved.
        if (!link.isOpen || server.isStale) await this.look(name, signal);
        if (server.state !== 'connected')
          throw new KoraError(
            'PLUGIN_MCP_AWAY',
            `MCP server ${name} does not answer (${link.error ?? 'its tools cannot be looked at'})`,
          );
        if (!server.offers.has(tool))
          throw new KoraError('PLUGIN_MCP_HELD', `${tool} of ${name} is not what was approved; it is held`);
        return { content: await link.call(tool, input, signal), untrusted: true };
      },
    };
  }

  /** It is looked at with the next tick, or before the next call. */
  #stale(name: string): void {
    const server = this.#servers.get(name);
    if (server !== undefined) server.isStale = true;
  }

  async #leave(server: Server): Promise<void> {
    await server.turn.catch(() => undefined);
    const offers = [...server.offers.values()];
    server.offers.clear();
    for (const { registration } of offers) await registration.dispose();
    await server.link.close();
    server.state = 'unknown';
    server.held = 0;
    server.lookedAt = never;
  }
}
