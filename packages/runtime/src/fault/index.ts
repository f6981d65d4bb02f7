export { KoraError, messageOf } from './contract.ts';
export type { FaultOptions } from './contract.ts';
export { exitCodes, fault, faultRow, faultTable } from './table.ts';
export type { ExitCode, FaultCode } from './table.ts';
