export { notReached, runGates } from './gate.ts';
export type { Gate, GateClass, GateOutcome, GateReport, RunGates, Verdict } from './gate.ts';
export { bootEvents, standardGates } from './gates.ts';
export type { GateHouse } from './gates.ts';
export { closeBoot, listBoots, openBoot } from './history.ts';
export type { BootRecord, Phase } from './history.ts';
