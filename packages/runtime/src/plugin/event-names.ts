import { fault } from '../fault/index.ts';
import { idInNames } from './manifest.ts';
import type { PluginOwner } from './surface.ts';

/** Families of types that go with a contract of the runtime: who is trusted with the contract may raise them. */
const contractFamilies: readonly string[] = [
  'sea_ticket',
  'probe',
  'reasoning',
  'notification',
  'promotion',
  'phrasebook',
  'intent',
  'webhook',
  'mcp',
  'tool',
  'alert',
];

/**
 * A plugin speaks in its own name: its types begin with its id, so that no two plugins and no part of the house can mean
 * one by another. Throws KORA_PLUGIN_INVALID with the name to use.
 */
export function checkEventName(owner: PluginOwner, type: string): void {
  const own = `${idInNames(owner.id)}.`;
  const family = type.split('.')[0] ?? '';
  if (type.startsWith(own) || (owner.trusted && contractFamilies.includes(family))) return;
  throw fault('KORA_PLUGIN_INVALID', `plugin ${owner.id}: the event type ${type} must begin with ${own}`, {
    fix: `rename it to ${own}${type}`,
  });
}
