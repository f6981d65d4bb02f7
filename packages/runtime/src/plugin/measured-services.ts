import { unattributed } from './attribution.ts';
import type { HouseServices } from './surface.ts';
import type { Meter } from './usage.ts';

/** What of a registration is the plugin's work, by its name there; to start and to stop is none. */
const work: ReadonlySet<string> = new Set([
  'run',
  'check',
  'work',
  'react',
  'send',
  'handle',
  'provide',
  'view',
  'respond',
  'observe',
  'measure',
]);

type Called = (...args: unknown[]) => unknown;

/**
 * The house's services as one plugin meets them: whatever functions it hands over run under its name and are counted,
 * and what it asks for runs as the house's own. By the names of the calls, so that a service which is new is covered.
 */
export function measuredServices(services: HouseServices, meter: Meter): HouseServices {
  const entries = Object.entries(services).map(([name, service]: [string, unknown]) => {
    const takesCode = name.startsWith('register') || name === 'subscribe';
    return [name, takesCode ? registering(service as Called, meter) : asking(service)];
  });
  return Object.fromEntries(entries) as HouseServices;
}

function registering(register: Called, meter: Meter): Called {
  return (...specs) => unattributed(() => register(...specs.map((spec) => counted(spec, meter))));
}

/** A service, or a group of them. */
function asking(service: unknown, group?: object): unknown {
  if (typeof service === 'function') {
    return (...args: unknown[]): unknown => unattributed(() => (service as Called).apply(group, args));
  }
  if (typeof service !== 'object' || service === null) return service;
  const calls = [...namesOf(service)].map((name) => [name, asking(Reflect.get(service, name), service)]);
  return Object.fromEntries(calls);
}

/** What a plugin registers, with its functions counted. An entry may be an object of any class: its methods come along. */
function counted(spec: unknown, meter: Meter): unknown {
  if (Array.isArray(spec)) return spec.map((each) => counted(each, meter));
  if (typeof spec !== 'object' || spec === null) return spec;
  const members: [string, unknown][] = [];
  for (const name of namesOf(spec)) {
    const value: unknown = Reflect.get(spec, name);
    if (typeof value === 'function') {
      const isWork = work.has(name);
      members.push([
        name,
        (...args: unknown[]) => meter.call(() => (value as Called).apply(spec, args), { isWork }),
      ]);
    } else members.push([name, Array.isArray(value) ? counted(value, meter) : value]);
  }
  return Object.fromEntries(members);
}

/** Its own names and those of its classes, without what every object has. */
function namesOf(spec: object): Set<string> {
  const names = new Set<string>();
  for (let at: unknown = spec; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) if (name !== 'constructor') names.add(name);
  }
  return names;
}
