export type { ApprovalView } from './approval-rows.ts';
export { Capabilities } from './capabilities.ts';
export type {
  CapabilitiesOptions,
  CapabilityAnswer,
  CapabilityRequest,
  MatrixReport,
  Once,
} from './capabilities.ts';
export { capabilityEvents } from './events.ts';
export type { GrantView } from './grants.ts';
export type { Capability } from './matrix.ts';
export type { Question } from './question.ts';
export { ownCapabilities } from './own.ts';
