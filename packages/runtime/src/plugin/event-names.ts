import { fault } from '../fault/index.ts';
import type { ContributionKind, Contributions } from './contributions.ts';
import { idInNames } from './manifest.ts';
import type { PluginOwner } from './surface.ts';

/**
 * Families of types that go with a contract of the runtime, and what one registers under that contract where there is a
 * registration: who is trusted and holds one may raise the contract's types.
 */
const contractFamilies = new Map<string, ContributionKind | null>(
  Object.entries({
    sea_ticket: 'ticketKinds',
    probe: 'probes',
    notification: 'channels',
    reasoning: null,
    promotion: null,
    phrasebook: null,
    intent: null,
    webhook: null,
    mcp: null,
    tool: null,
    alert: null,
  }),
);

/**
 * A plugin speaks in its own name: its types begin with its id, so that no two plugins and no part of the house can mean
 * one by another. Throws KORA_PLUGIN_INVALID with the name to use.
 */
export function checkEventName(owner: PluginOwner, type: string): void {
  const own = `${idInNames(owner.id)}.`;
  if (type.startsWith(own) || (owner.trusted && contractFamilies.has(familyOf(type)))) return;
  throw fault('KORA_PLUGIN_INVALID', `plugin ${owner.id}: the event type ${type} must begin with ${own}`, {
    fix: `rename it to ${own}${type}`,
  });
}

/**
 * What a plugin may raise: the types it registered and, when it is trusted, those of a contract it holds a registration
 * of. Throws KORA_EVENT_UNKNOWN naming the prefix that is its own.
 */
export function checkRaised(owner: PluginOwner, contributions: Contributions, type: string): void {
  if (contributions.has('events', type)) return;
  const kind = contractFamilies.get(familyOf(type));
  const holds = kind === null || (kind !== undefined && contributions.list()[kind].length > 0);
  if (owner.trusted && holds) return;
  const own = `${idInNames(owner.id)}.`;
  throw fault('KORA_EVENT_UNKNOWN', `plugin ${owner.id} did not register the event type ${type}`, {
    fix: type.startsWith(own)
      ? 'register the type with registerEventTypes before the first event of it'
      : `raise a type of your own, which begins with ${own}`,
  });
}

function familyOf(type: string): string {
  return type.split('.')[0] ?? '';
}
