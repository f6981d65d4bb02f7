import { KoraError } from '@kora/runtime/plugin';
import type { ApprovalStatus, ChainEvent, PluginContext, TicketWork } from '@kora/runtime/plugin';

type ApprovalContext = Pick<PluginContext<unknown>, 'approvals' | 'chain' | 'clock'>;

/** What became of a call that needed the operator's word. */
export interface Decided {
  readonly approvalId: number;
  /** `tool:kora__create_sea_ticket`. */
  readonly what: string;
  readonly status: ApprovalStatus;
}

const mostEvents = 500;
const looks = 20;
const lookEveryMs = 100;
const glanceMs = 200;
const tellEveryMs = 30_000;

/**
 * The calls that whoever thinks was refused until the operator has decided, and the wait for that: the question stands for
 * a quarter of an hour, and the work in hand goes on with the answer. Each is told once.
 */
export class Approvals {
  readonly #context: ApprovalContext;
  readonly #ticket: TicketWork;
  readonly #told = new Set<number>();

  constructor(context: ApprovalContext, ticket: TicketWork) {
    this.#context = context;
    this.#ticket = ticket;
  }

  /** What was decided about the calls of this run, and of what an earlier attempt left open. Empty when none was asked about. */
  async after(runId: string): Promise<readonly Decided[]> {
    const decided: Decided[] = [];
    for (const { approvalId, what, isOurs } of await this.#asked(runId)) {
      if (this.#told.has(approvalId)) continue;
      this.#told.add(approvalId);
      const before = await this.#status(approvalId, glanceMs);
      const status = before === 'pending' ? await this.#wait(approvalId, what) : before;
      // What an earlier attempt was refused, or has used, is in what was said then.
      if (isOurs || before === 'pending' || status === 'approved') decided.push({ approvalId, what, status });
    }
    return decided.filter(({ status }) => status !== 'pending');
  }

  async #asked(
    runId: string,
  ): Promise<readonly { readonly approvalId: number; readonly what: string; readonly isOurs: boolean }[]> {
    const { ticketId, fence } = this.#ticket;
    return (await this.#events(runId))
      .filter((event) => event.type === 'kora.escalation.requested' && event.ticketId === ticketId)
      .map(({ payload, fence: of }) => ({
        approvalId: Number(payload['approval']),
        what: String(payload['what']),
        isOurs: of === fence,
      }))
      .filter(({ approvalId }) => Number.isSafeInteger(approvalId));
  }

  /** Oldest first, once the end of the run is on the log, and so all that was asked in it. */
  async #events(runId: string): Promise<readonly ChainEvent[]> {
    const { chain, clock } = this.#context;
    const { ticketId, signal } = this.#ticket;
    const isEnd = ({ type, payload }: ChainEvent): boolean =>
      type === 'reasoning.run_completed' && payload['run_id'] === runId;
    for (let look = 1; ; look += 1) {
      const events = await chain.read({ ticketId, order: 'desc', limit: mostEvents });
      if (look === looks || events.some(isEnd) || !(await clock.sleep(lookEveryMs, signal)))
        return events.toReversed();
    }
  }

  async #wait(approvalId: number, what: string): Promise<ApprovalStatus> {
    for (;;) {
      this.#ticket.progress({ detail: `waits for your word about ${what} (approval ${approvalId})` });
      const status = await this.#status(approvalId, tellEveryMs);
      if (status !== 'pending' || this.#ticket.signal.aborted) return status;
    }
  }

  /** Its status, or `pending` after so long. One that is not this plugin's to ask about counts as refused. */
  async #status(approvalId: number, ms: number): Promise<ApprovalStatus> {
    const { approvals, clock } = this.#context;
    const over = new AbortController();
    const until = AbortSignal.any([over.signal, this.#ticket.signal]);
    const late = clock.sleep(ms, until).then(() => over.abort());
    try {
      return await approvals.wait(approvalId, until);
    } catch (error) {
      if (error instanceof KoraError && error.code === 'KORA_APPROVAL_UNKNOWN') return 'refused';
      throw error;
    } finally {
      over.abort();
      await late;
    }
  }
}

/** What was decided, for whoever thinks. */
export function decidedWords(decided: readonly Decided[]): string {
  return decided
    .map(({ approvalId, what, status }) =>
      status === 'approved'
        ? `- approval ${approvalId}, ${what}: the operator agreed. Make that very call once more, with the same input.`
        : `- approval ${approvalId}, ${what}: ${status}. Go on without it.`,
    )
    .join('\n');
}
