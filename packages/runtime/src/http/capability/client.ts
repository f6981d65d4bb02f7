import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import * as shape from '../contract.ts';
import type { OnceOptions } from '../control/client.ts';

/** The part of the typed API that grants, revokes and decides. */
export function capabilityClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  return {
    capabilities: (query: { readonly all?: boolean } = {}) =>
      read('/api/capabilities', shape.capabilitiesSchema, allOf(query)),
    grantCapability: (grant: z.input<typeof shape.newGrantSchema>) =>
      write('/api/capabilities/grants', shape.grantSchema, grant),
    revokeGrant: (grantId: number, reason: string, options: OnceOptions = {}) =>
      write(`/api/capabilities/grants/${grantId}/revoke`, shape.grantSchema, { reason, ...options }),
    approvals: (query: { readonly all?: boolean; readonly limit?: number } = {}) =>
      read('/api/approvals', z.array(shape.approvalSchema), { ...allOf(query), limit: query.limit }),
    approval: (approvalId: number) => read(`/api/approvals/${approvalId}`, shape.approvalSchema),
    approve: (approvalId: number, reason: string, options: OnceOptions = {}) =>
      write(`/api/approvals/${approvalId}/approve`, shape.approvalSchema, { reason, ...options }),
    deny: (approvalId: number, reason: string, options: OnceOptions = {}) =>
      write(`/api/approvals/${approvalId}/deny`, shape.approvalSchema, { reason, ...options }),
  };
}

function allOf({ all }: { readonly all?: boolean }): { all?: number } {
  return all === true ? { all: 1 } : {};
}
