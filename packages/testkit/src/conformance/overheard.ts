import type { PluginContext } from '@kora/runtime/plugin';

type Called = (...args: unknown[]) => unknown;

/** Where bytes and times cross as what they are: the contract says how. */
const wider = new Set(['artifacts', 'store', 'registerHttpMount', 'registerMigrations']);

/** Members of a registration that are schemas or functions: they stay, and their results cross. */
const stays = new Set(['payload', 'upcast', 'config', 'input']);

/**
 * The context, with every value that the plugin hands over seen first: arguments of calls, the data of what it registers,
 * and whatever its functions answer.
 */
export function overheard(
  context: PluginContext<unknown>,
  see: (what: string, value: unknown) => void,
): PluginContext<unknown> {
  const members = Object.entries(context).map(([name, member]: [string, unknown]) => {
    if (wider.has(name)) return [name, member];
    if (name.startsWith('register') || name === 'subscribe')
      return [name, registering(name, member as Called, see)];
    if (typeof member === 'function') return [name, asking(name, member as Called, see)];
    if (typeof member !== 'object' || member === null || name === 'clock' || name === 'log')
      return [name, member];
    if (member instanceof AbortSignal || name === 'config') return [name, member];
    const group = Object.entries(member).map(([verb, call]: [string, unknown]) => [
      verb,
      typeof call === 'function' ? asking(`${name}.${verb}`, call as Called, see) : call,
    ]);
    return [name, Object.fromEntries(group) as unknown];
  });
  return Object.fromEntries(members) as PluginContext<unknown>;
}

type See = (what: string, value: unknown) => void;

function asking(name: string, call: Called, see: See): Called {
  return (...args) => {
    for (const arg of args) if (!(arg instanceof AbortSignal)) see(`what is given to ${name}`, arg);
    return call(...args);
  };
}

function registering(name: string, register: Called, see: See): Called {
  return (...specs) => register(...specs.map((spec) => seen(name, spec, see)));
}

function seen(name: string, spec: unknown, see: See): unknown {
  if (Array.isArray(spec)) return spec.map((each) => seen(name, each, see));
  if (typeof spec !== 'object' || spec === null) return spec;
  const copy: Record<string, unknown> = {};
  for (const key of keysOf(spec)) {
    const value: unknown = Reflect.get(spec, key);
    if (typeof value === 'function') copy[key] = answering(`${name}: ${key}`, value as Called, spec, see);
    else if (Array.isArray(value) && value.some(isObject)) copy[key] = seen(name, value, see);
    else {
      if (!stays.has(key)) see(`${name}: ${key}`, value);
      copy[key] = value;
    }
  }
  return copy;
}

function answering(what: string, call: Called, owner: object, see: See): Called {
  return async (...args) => {
    const answer: unknown = await call.apply(owner, args);
    see(`what ${what} answers`, answer);
    return answer;
  };
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** Its own names and those of its classes, without what every object has. */
function keysOf(spec: object): Set<string> {
  const names = new Set<string>();
  for (let at: unknown = spec; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at))
    for (const name of Object.getOwnPropertyNames(at)) if (name !== 'constructor') names.add(name);
  return names;
}
