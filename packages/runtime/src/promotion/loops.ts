import { fault } from '../fault/index.ts';
import type { LoopSettings, LoopSpec } from './contract.ts';

const namePattern = /^promote_[a-z][a-z0-9_]{0,55}$/;
const bounds: Readonly<Record<'everyHours' | 'windowDays' | 'expiryDays' | 'trialHours', number>> = {
  everyHours: 168,
  windowDays: 90,
  expiryDays: 90,
  trialHours: 720,
};

export interface RegisteredLoop {
  readonly spec: LoopSpec;
  readonly plugin: string;
  /** It came to a good end. */
  readonly ran: () => void;
}

/** The name of a loop's cycle on the schedule. */
export function cycleTask(loop: string): string {
  return `${loop}.cycle`;
}

/** The loops that plugins bring. */
export class Loops {
  readonly #loops = new Map<string, RegisteredLoop>();

  /** Throws KORA_PLUGIN_INVALID, KORA_LOOP_TAKEN. */
  add(spec: LoopSpec, plugin: string, ran: () => void): { readonly loop: RegisteredLoop; undo(): void } {
    const { name, kinds, settings } = spec;
    if (!namePattern.test(name))
      throw invalid(plugin, `"${name}" is not the name of a loop: promote_tides is`);
    if (kinds.length === 0) throw invalid(plugin, `loop ${name} names no kind of change that it proposes`);
    checkSettings(name, plugin, settings);
    const holder = this.#loops.get(name);
    if (holder !== undefined)
      throw fault('KORA_LOOP_TAKEN', `loop ${name} of plugin ${plugin} is ${holder.plugin}'s`);
    const loop: RegisteredLoop = { spec, plugin, ran };
    this.#loops.set(name, loop);
    return {
      loop,
      undo: () => {
        if (this.#loops.get(name) === loop) this.#loops.delete(name);
      },
    };
  }

  find(name: string): RegisteredLoop | undefined {
    return this.#loops.get(name);
  }

  /** Throws KORA_LOOP_UNKNOWN. */
  get(name: string): RegisteredLoop {
    const found = this.#loops.get(name);
    if (found === undefined)
      throw fault('KORA_LOOP_UNKNOWN', `there is no loop ${name}`, { fix: 'kora promotion loops' });
    return found;
  }

  /** By name. */
  list(): readonly RegisteredLoop[] {
    return [...this.#loops.values()].toSorted((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
  }
}

function checkSettings(name: string, plugin: string, settings: LoopSettings): void {
  for (const [key, most] of Object.entries(bounds)) {
    const value = settings[key as keyof typeof bounds];
    if (!Number.isFinite(value) || value < 1 || value > most)
      throw invalid(plugin, `loop ${name}: ${key} is ${value}, and must be from 1 to ${most}`);
  }
}

function invalid(plugin: string, message: string): Error {
  return fault('KORA_PLUGIN_INVALID', `plugin ${plugin}: ${message}`);
}
