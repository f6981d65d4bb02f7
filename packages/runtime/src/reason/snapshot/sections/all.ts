import { alerts } from './alerts.ts';
import { chain } from './chain.ts';
import { costLadder } from './cost-ladder.ts';
import { costTelemetry } from './cost-telemetry.ts';
import { daemonHealth } from './daemon-health.ts';
import { identity } from './identity.ts';
import { operationalState } from './operational-state.ts';
import { schedule } from './schedule.ts';
import { serviceHealth } from './service-health.ts';
import { tickets } from './tickets.ts';
import { waiting } from './waiting.ts';

/** The sections that Kora brings, each made from what it is told of the rooms. */
export const sections = {
  operationalState,
  alerts,
  costLadder,
  tickets,
  serviceHealth,
  costTelemetry,
  daemonHealth,
  identity,
  chain,
  schedule,
  waiting,
} as const;
