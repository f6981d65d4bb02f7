import type { Context } from 'hono';
import { z } from 'zod';
import { freshForApproval } from '../session/fresh.ts';
import * as shape from '../contract.ts';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';

const id = z.coerce.number().int().positive();
const all = z
  .enum(['0', '1'])
  .transform((flag) => flag === '1')
  .optional();
const queries = {
  capabilities: z.object({ all }),
  approvals: z.object({ all, limit: z.coerce.number().int().min(1).max(500).optional() }),
};

const numbered = (context: Context): number => parseWith(id, context.req.param('id'), 'the id');

/** What may be done, and what waits for the operator. */
export function capabilityReads(read: Reader, { house }: RoutesOptions): void {
  read('/capabilities', { data: shape.capabilitiesSchema, query: queries.capabilities }, (query) =>
    house().capabilities(query),
  );
  read('/approvals', { data: z.array(shape.approvalSchema), query: queries.approvals }, (query) =>
    house().approvals(query),
  );
  read('/approvals/:id', { data: shape.approvalSchema }, (_, at) => house().approval(numbered(at)));
}

/** Grants and decisions, each with its reason. The same decision again does nothing again. */
export function capabilityWrites(write: Writer, options: RoutesOptions): void {
  const { house } = options;
  const decided = { body: shape.decisionSchema, data: shape.approvalSchema };
  write('/capabilities/grants', { body: shape.newGrantSchema, data: shape.grantSchema }, (grant) =>
    house().grantCapability(grant),
  );
  write(
    '/capabilities/grants/:id/revoke',
    { body: shape.decisionSchema, data: shape.grantSchema },
    (decision, at) => house().revokeGrant(numbered(at), decision),
  );
  write('/approvals/:id/approve', decided, async (decision, at) => {
    await freshForApproval(at, options, numbered(at));
    return house().decideApproval(numbered(at), 'approved', decision);
  });
  write('/approvals/:id/deny', decided, (decision, at) =>
    house().decideApproval(numbered(at), 'refused', decision),
  );
}
