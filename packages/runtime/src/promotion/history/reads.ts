import type { Chain } from '../../chain/index.ts';
import type { Database } from '../../store/index.ts';
import type { HistoryReads } from '../ports.ts';
import { pastEvents } from './events.ts';
import { pastAttempts, pastIncidents } from './incidents.ts';
import { pastQuestions } from './questions.ts';
import { pastToolCalls } from './tool-calls.ts';

/** The past of a workspace, as it is on record in the store. */
export function historyReads({
  database,
  workspaceId,
  chain,
}: {
  readonly database: Database;
  readonly workspaceId: number;
  readonly chain: Pick<Chain, 'readPast'>;
}): HistoryReads {
  return {
    questions: (window, page) => pastQuestions(database, workspaceId, window, page),
    toolCalls: (window, page) => pastToolCalls(database, workspaceId, window, page),
    incidents: (window, page) => pastIncidents(database, workspaceId, window, page),
    attempts: (window, page) => pastAttempts(database, workspaceId, window, page),
    events: (window, page) => pastEvents(chain, window, page),
  };
}
