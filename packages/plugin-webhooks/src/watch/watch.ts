import { createHash } from 'node:crypto';
import type { PluginContext, ProbeSnapshot, ProbeSpec, Registration } from '@kora/runtime/plugin';
import type { Watched, WatchedThings } from '../keep/watched.ts';

const everyMs = 10_000;
/** Of a probe. */
const longestName = 64;

/** The probe of a thing. Its key is a stranger's text: of it stay the letters that a name may have, and a hash that tells two apart. */
export function probeOf(source: string, key: string): string {
  const head = `webhook.${source}.`;
  const short = createHash('sha256').update(key).digest('hex').slice(0, 8);
  const plain = key
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, longestName - head.length - short.length - 1)
    .replaceAll(/^-|-$/g, '');
  return `${head}${plain === '' ? '' : `${plain}-`}${short}`;
}

/**
 * One probe for each thing that webhooks say something about. It looks at what was said last, so that incidents open, end,
 * flap, join storms and are silenced by the runtime's own rules. One look suffices: it was the sender who looked twice.
 */
export class Watch {
  readonly #register: PluginContext<unknown>['registerProbe'];
  readonly #things: WatchedThings;
  readonly #probes = new Map<string, Registration>();
  #turn: Promise<void> = Promise.resolve();

  constructor(register: PluginContext<unknown>['registerProbe'], things: WatchedThings) {
    this.#register = register;
    this.#things = things;
  }

  /** Brings the probes to what the table says; also of what another runtime heard. */
  refresh(): Promise<void> {
    return this.#inTurn(async () => {
      const things = await this.#things.list();
      const named = new Set(things.map(({ probe }) => probe));
      for (const [name, registration] of this.#probes)
        if (!named.has(name)) {
          this.#probes.delete(name);
          await registration.dispose();
        }
      for (const thing of things)
        if (!this.#probes.has(thing.probe))
          this.#probes.set(thing.probe, await this.#register(this.#spec(thing)));
    });
  }

  /** Nothing is looked at any more. */
  end(): Promise<void> {
    return this.#inTurn(async () => {
      const held = [...this.#probes.values()];
      this.#probes.clear();
      for (const registration of held) await registration.dispose();
    });
  }

  #spec({ probe, source, key }: Watched): ProbeSpec {
    return {
      name: probe,
      kind: 'webhook',
      target: `${source}: ${key}`,
      everyMs,
      consecutive: 1,
      // What was heard is in the store, and the same for every runtime.
      scope: 'fleet',
      check: async () => seen(await this.#things.find(probe)),
    };
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}

function seen(thing: Watched | undefined): ProbeSnapshot {
  if (thing === undefined) return { status: 'healthy', details: {} };
  const { source, key, status, title, heardAt, isOver } = thing;
  const details = { source, key, said: title, heardAt };
  if (status === 'healthy' || isOver) return { status: 'healthy', details: { ...details, isOver } };
  return { status, details, title, error: title, category: 'service_unhealthy' };
}
