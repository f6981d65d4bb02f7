import type { RegisteredTool } from './registry.ts';
import { guardedCapabilities, isGuarded, routeCaller, routeSets } from './route-sets.ts';
import type { ToolAsker } from './route-sets.ts';

/** What of the matrix is asked here. */
export interface LeavePort {
  /** Whether the operator may be asked about a call without a grant. */
  isAsked(capability: string): boolean;
  /** Whether a caller, a plugin's id or `route:NAME`, has a live grant. Throws what the store throws. */
  isGranted(caller: string, capability: string): Promise<boolean>;
}

/**
 * In whose name a tool may be asked for at the door: the plugin's where it has the grant, else the route's, else the
 * plugin's again, and the operator is asked. Undefined: it is not for this route at all.
 */
export async function callerFor(
  leave: LeavePort,
  { spec, trusted }: RegisteredTool,
  asker: ToolAsker,
): Promise<string | undefined> {
  const { route, caller } = asker;
  const { capability } = spec;
  if (spec.routes !== undefined && !spec.routes.includes(route)) return undefined;
  const byRoute = routeCaller(route);
  if (isGuarded(asker) && !guardedCapabilities.has(capability)) {
    // The operator's word for this very route, and only where the route itself is one of strangers: text of strangers in
    // a ticket does not become the operator's for having got into one.
    const isSaid = routeSets[route] === 'guarded' && (await leave.isGranted(byRoute, capability));
    return isSaid ? byRoute : undefined;
  }
  if (await leave.isGranted(caller, capability)) return caller;
  if (await leave.isGranted(byRoute, capability)) return byRoute;
  // A stranger's tool is not even told of before somebody has granted it: its description is the stranger's.
  return !isGuarded(asker) && trusted && leave.isAsked(capability) ? caller : undefined;
}
