import type { ToolSpec } from '../reason/index.ts';
import { fixTools } from './fixes.ts';
import { operatorTools } from './operator.ts';
import type { HouseToolPorts } from './ports.ts';
import { standingTools } from './standing.ts';
import { ticketTools } from './tickets.ts';
import { watchedTools } from './watched.ts';

export type { Bounded, HouseDeeds, HouseReads, HouseToolPorts, LedgerEntry, MessageFacts } from './ports.ts';
export { pruneTurns, takeTurn } from './turns.ts';

/** What the runtime itself offers whoever asks from outside or thinks inside: reads with evidence, and three deeds. */
export function houseTools(ports: HouseToolPorts): readonly ToolSpec[] {
  return [
    ...standingTools(ports.reads),
    ...ticketTools(ports),
    ...watchedTools(ports.reads),
    ...operatorTools(ports.deeds),
    ...fixTools(ports),
  ];
}
