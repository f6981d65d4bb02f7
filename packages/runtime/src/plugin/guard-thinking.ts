import { fault } from '../fault/index.ts';
import type { Quoted, ReasonRequest, ReasonRoute } from './contract.ts';
import { idInNames } from './manifest.ts';
import type { PluginOwner } from './surface.ts';

/** Where the operator speaks: what is asked there is believed to be the operator's word. */
const operatorsOwn: ReadonlySet<ReasonRoute> = new Set(['cli', 'cockpit', 'slack_dm']);

/**
 * A question of a stranger: it is not asked as the operator asks, and the evidence that it brings along is of its own
 * telling, so that its word is not taken for something that was read.
 */
export function ownQuestion(owner: PluginOwner, given: ReasonRequest): ReasonRequest {
  const { quoted, route, ...words } = given;
  return {
    ...words,
    route: operatorsOwn.has(route) ? 'unknown' : route,
    ...(quoted === undefined ? {} : { quoted: quoted.map((each) => ownQuote(owner, each)) }),
  };
}

function ownQuote(owner: PluginOwner, given: Quoted): Quoted {
  const { evidenceId, ...text } = given;
  if (evidenceId === undefined || evidenceId.startsWith(`${owner.id}:`)) return given;
  return { ...text, evidenceId: `${owner.id}:${evidenceId}` };
}

/** A stranger's loop names it, so that it takes no name that another plugin would. Throws KORA_PLUGIN_INVALID. */
export function checkLoopName(owner: PluginOwner, name: string): void {
  const own = `promote_${idInNames(owner.id)}`;
  if (name === own || name.startsWith(`${own}_`)) return;
  throw fault('KORA_PLUGIN_INVALID', `plugin ${owner.id}: the loop ${name} must begin with ${own}`, {
    fix: `rename it to ${own}`,
  });
}

/** A stranger's tool begins with its id, so that it takes no name that another plugin would. Throws KORA_PLUGIN_INVALID. */
export function checkToolName(owner: PluginOwner, name: string): void {
  const own = `${idInNames(owner.id)}_`;
  if (name.startsWith(own)) return;
  throw fault('KORA_PLUGIN_INVALID', `plugin ${owner.id}: the tool ${name} must begin with ${own}`, {
    fix: `rename it to ${own}_${name}`,
  });
}
