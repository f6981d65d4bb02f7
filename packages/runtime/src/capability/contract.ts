/** `ask` lets the operator decide about each call; nothing is allowed without a grant or an approval. */
export const defaultVerdicts = ['denied', 'ask'] as const;
export type DefaultVerdict = (typeof defaultVerdicts)[number];

/** How much a call under it can break. */
export const risks = ['low', 'high'] as const;
export type Risk = (typeof risks)[number];

/** A capability that a plugin adds to the matrix. */
export interface CapabilitySpec {
  /** `^cap_[a-z][a-z0-9_]{2,60}$`, unique in the runtime. */
  readonly id: string;
  /** One line: what whoever has it may do. */
  readonly title: string;
  readonly risk: Risk;
  /** What a call without a grant meets. */
  readonly defaultVerdict: DefaultVerdict;
}

export const subjectKinds = ['plugin', 'mcp', 'route'] as const;
export type SubjectKind = (typeof subjectKinds)[number];

/** Whom a grant is for. */
export interface Subject {
  readonly kind: SubjectKind;
  readonly subject: string;
}

export const approvalStatuses = ['pending', 'approved', 'refused', 'expired', 'used'] as const;
export type ApprovalStatus = (typeof approvalStatuses)[number];
