import type { Claim } from '../queue/claim.ts';
import type { OperationSpec, TicketWork } from '../contract.ts';
import type { Holder } from '../ledger/holder.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Notes } from '../ledger/notes.ts';
import { performOperation } from '../ledger/perform.ts';

/** What a holder's words reach. */
export interface WorkPorts {
  readonly sessionId: string;
  readonly ledger: Ledger;
  readonly notes: Pick<Notes, 'add'>;
  readonly progress: {
    readonly told: (holder: Holder, report?: Parameters<TicketWork['progress']>[0]) => void;
  };
  /** Asked for when the handler asks: most work never looks at it. */
  readonly signal: AbortSignal;
}

/** The ticket as its handler is given it. Its functions may be taken out of it. */
export function workOf(claim: Claim, ports: WorkPorts): TicketWork {
  const { ticketId, fence, kind, title, objective, payload, attempts, correlationId, trusted } = claim;
  const holder: Holder = { ticketId, fence, sessionId: ports.sessionId };
  let inTurn: ReturnType<typeof takeTurns> | undefined;
  return {
    ticketId,
    kind,
    title,
    objective,
    payload,
    attempt: attempts,
    fence,
    correlationId,
    trusted,
    get signal() {
      return ports.signal;
    },
    progress: (report) => ports.progress.told(holder, report),
    note: (text) => ports.notes.add(holder, text),
    operation: async <Result>(
      spec: OperationSpec,
      run: (key: string, signal: AbortSignal) => Promise<Result>,
    ): Promise<Result> => {
      inTurn ??= takeTurns();
      const mover = { holder, signal: ports.signal };
      // What the ledger kept is the JSON of what `run` answered.
      return (await inTurn(spec.id, () => performOperation(ports.ledger, mover, spec, run))) as Result;
    },
  };
}

/** Two calls under one id come one after the other: the second finds what the first left in the ledger. */
function takeTurns(): (id: string, work: () => Promise<unknown>) => Promise<unknown> {
  const last = new Map<string, Promise<unknown>>();
  return (id, work) => {
    const turn = (last.get(id) ?? Promise.resolve()).then(work, work);
    last.set(id, turn);
    return turn;
  };
}
