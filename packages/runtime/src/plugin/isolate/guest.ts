/**
 * The guest: what runs in the process of an untrusted plugin. It speaks with the runtime over the descriptor 3, imports
 * the plugin's entry when told to, and keeps the plugin's functions for the runtime to call. Its walls stand outside:
 * Node's permission model, the user it runs as, and the parent that watches and ends it. It goes when the runtime goes.
 */
import { Socket } from 'node:net';
import { fault } from '../../fault/index.ts';
import { parseConfigBlock } from '../config-block.ts';
import type { Plugin, PluginContext } from '../contract.ts';
import { importModule, pluginOf } from '../entry.ts';
import { jsonSchemaOf } from '../json-schema.ts';
import { lendRuntime } from '../lend.ts';
import type { Frame } from './frame.ts';
import { guestContext } from './guest-context.ts';
import { disarm } from './guest-disarm.ts';
import { watchOwnPulse } from './guest-pulse.ts';
import { Link } from './link.ts';
import type { GuestOrders } from './orders.ts';
import { Shelf } from './shelf.ts';

const linkDescriptor = 3;

/** One plugin, from `load` to the end of the process. */
class Guest {
  readonly #shelf = new Shelf();
  readonly #leaving = new AbortController();
  readonly #pulse = watchOwnPulse();
  #loaded: { readonly plugin: Plugin; readonly context: PluginContext<unknown> } | undefined;

  async serve(link: Link, order: keyof GuestOrders, params: unknown, signal: AbortSignal): Promise<unknown> {
    if (order === 'load') return this.#load(link, params as GuestOrders['load']);
    if (order === 'register') return this.#loaded?.plugin.register(this.#loaded.context);
    if (order === 'ping') return this.#pulse();
    if (order === 'leave') return this.#leaving.abort();
    const { handle, member, args } = params as GuestOrders['invoke'];
    return this.#shelf.call(handle, member, args, signal);
  }

  async #load(link: Link, { id, workspace, entry, configBlock }: GuestOrders['load']): Promise<object> {
    const plugin = pluginOf(await importModule(entry), id);
    const config = await parseConfigBlock(id, plugin.config, configBlock);
    const facts = { id, workspace, config, written: configBlock, signal: this.#leaving.signal };
    const context = guestContext(facts, link, this.#shelf);
    this.#loaded = { plugin, context };
    return { configSchema: plugin.config && jsonSchemaOf(plugin.config) };
  }
}

function begin(): void {
  disarm();
  lendRuntime();
  const socket = new Socket({ fd: linkDescriptor, readable: true, writable: true });
  const guest = new Guest();
  const link: Link = new Link(socket, {
    peer: 'the runtime',
    // The runtime is believed: it is the one who keeps this process.
    parse: (line) => line as Frame,
    serve: (method, params, signal) => guest.serve(link, method as keyof GuestOrders, params, signal),
    hear: (method) => {
      throw fault('KORA_INTERNAL', `the runtime said ${method} to a guest`);
    },
  });
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => link.feed(chunk));
  void link.ended.then(() => process.exit(0));
}

begin();
