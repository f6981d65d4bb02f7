import { leapClocks } from './clock.ts';
import { cutWires } from './cut.ts';
import { freezeHands } from './freeze.ts';
import { killHands } from './kill.ts';
import { killServer } from './postgres.ts';
import type { Report, ServerOptions } from './run.ts';

export const faultNames = ['kill', 'freeze', 'cut', 'postgres', 'clock'] as const;
export type FaultName = (typeof faultNames)[number];

export const faults: { readonly [F in FaultName]: (options: ServerOptions) => Promise<Report> } = {
  kill: killHands,
  freeze: freezeHands,
  cut: cutWires,
  postgres: killServer,
  clock: leapClocks,
};
