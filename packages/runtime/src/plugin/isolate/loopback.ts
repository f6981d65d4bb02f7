import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../clock/index.ts';
import type { PluginContext } from '../contract.ts';
import { frameSchema } from './arrivals.ts';
import { Door } from './door.ts';
import type { Frame } from './frame.ts';
import { guestContext } from './guest-context.ts';
import type { GuestFacts } from './guest-context.ts';
import { Link } from './link.ts';
import { Remote } from './remote.ts';
import type { GuestOrders } from './orders.ts';
import { Shelf } from './shelf.ts';

export interface Loopback {
  /** What the plugin is given: everything it hands over or is handed crosses as a line of JSON and is parsed. */
  readonly context: PluginContext<unknown>;
  close(): void;
}

export interface LoopbackOptions {
  readonly clock: Clock;
  /** Real path: what a mount may serve files from; without one, none. */
  readonly packageFolder?: string;
}

/**
 * A guest's context over the house's, by way of the very messages that cross to a process of its own, with both ends in
 * this process: shows that what a plugin hands over survives the crossing, without starting one.
 */
export function loopback(
  facts: GuestFacts,
  house: PluginContext<unknown>,
  { clock, packageFolder }: LoopbackOptions,
): Loopback {
  const [ours, theirs] = duplexPair();
  const shelf = new Shelf();
  const host: Link = new Link(ours, {
    peer: `plugin ${facts.id}`,
    parse: (line) => frameSchema.parse(line),
    serve: (method, params, signal) => door.serve(method, params, signal),
    hear: (method, params) => door.hear(method, params),
  });
  const guest: Link = new Link(theirs, {
    peer: 'the runtime',
    parse: (line) => line as Frame,
    serve: (_method, params, signal) => {
      const { handle, member, args } = params as GuestOrders['invoke'];
      return shelf.call(handle, member, args, signal);
    },
    hear: () => undefined,
  });
  const door = new Door(house, new Remote(host, clock, facts.id), packageFolder);
  listen(ours, host);
  listen(theirs, guest);
  return {
    context: guestContext(facts, guest, shelf),
    close: () => {
      guest.close('the loopback ended');
      host.close('the loopback ended');
    },
  };
}

function listen(stream: Duplex, link: Link): void {
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => link.feed(chunk));
}
