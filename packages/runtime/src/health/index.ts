export { healthEvents } from './events.ts';
export type {
  ProbeReading,
  Readings,
  SpendReading,
  StateReading,
  TokenReading,
  WorkReading,
} from './readings.ts';
export { rollup } from './rollup.ts';
export type { Overall, Rollup } from './rollup.ts';
export type { Subsignal, SubsignalName, SubsignalStatus } from './subsignals.ts';
export { HealthTeller } from './teller.ts';
export type { HealthTellerOptions } from './teller.ts';
