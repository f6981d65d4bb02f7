import type * as shape from '../shapes.ts';

/** The API's questions about what may be done, and about the calls that wait for the operator. */
export interface CapabilityHouse {
  capabilities(query: AllRequest): Promise<shape.Capabilities>;
  grantCapability(grant: shape.NewGrant): Promise<shape.GrantRow>;
  revokeGrant(grantId: number, decision: shape.Decision): Promise<shape.GrantRow>;
  /** The open ones, oldest first; with `all`, everything, newest first. */
  approvals(query: AllRequest & { readonly limit?: number | undefined }): Promise<shape.ApprovalRow[]>;
  approval(approvalId: number): Promise<shape.ApprovalRow>;
  decideApproval(
    approvalId: number,
    verdict: 'approved' | 'refused',
    decision: shape.Decision,
  ): Promise<shape.ApprovalRow>;
}

interface AllRequest {
  /** Also what is over. */
  readonly all?: boolean | undefined;
}
