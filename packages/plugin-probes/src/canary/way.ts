import type { ChainEvent } from '@kora/runtime/plugin';
import type { CanaryTimes } from '../events.ts';
import { canaryProbe } from './contract.ts';

/** Stages of the way from probe to operator and back, in their order. */
export const stages = ['noticed', 'told', 'investigated', 'findings_told', 'over', 'over_told'] as const;
export type Stage = (typeof stages)[number];

/** How far a synthetic fault has come, by what the log says; fed with every event since it began. */
export class CanaryWay {
  readonly #beganAt: number;
  readonly #reached = new Map<Stage, number>();
  /** Messages of its thread that wait for their delivery, by number. */
  readonly #accepted = new Map<number, Stage>();
  #wakeId: string | null = null;
  #thread: string | null = null;

  /** `beganAt` in milliseconds since 1970. */
  constructor(beganAt: number) {
    this.#beganAt = beganAt;
  }

  /** The first stage that was not reached; null when it came all the way. */
  get missing(): Stage | null {
    return stages.find((stage) => !this.#reached.has(stage)) ?? null;
  }

  /** Whether the fault has done its work, and may end. */
  get isInvestigated(): boolean {
    return (['told', 'investigated', 'findings_told'] as const).every((stage) => this.#reached.has(stage));
  }

  times(canaryId: string): CanaryTimes {
    const ms = (stage: Stage): number | null => {
      const at = this.#reached.get(stage);
      return at === undefined ? null : Math.max(0, at - this.#beganAt);
    };
    return {
      canary_id: canaryId,
      noticed_ms: ms('noticed'),
      told_ms: ms('told'),
      investigated_ms: ms('investigated'),
      over_ms: ms('over_told'),
    };
  }

  see(event: ChainEvent): void {
    const { type, payload } = event;
    if (type === 'probe.wake_requested') this.#wake(event);
    if (this.#wakeId === null) return;
    const isOurs = payload['wake_id'] === this.#wakeId;
    if (type === 'probe.investigation_completed' && isOurs) this.#reach('investigated', event);
    if (type === 'probe.incident_resolved' && isOurs) this.#reach('over', event);
    if (type === 'notification.accepted') this.#accept(event);
    if (type === 'notification.delivered') this.#deliver(event);
  }

  #wake(event: ChainEvent): void {
    const { payload } = event;
    if (payload['probe'] !== canaryProbe || this.#wakeId !== null) return;
    this.#wakeId = String(payload['wake_id']);
    this.#thread = `incident:${String(payload['incident_id'])}`;
    this.#reach('noticed', event);
  }

  #accept({ payload }: ChainEvent): void {
    if (this.#thread === null || payload['thread'] !== this.#thread) return;
    const stage = stageOf(String(payload['key']), this.#wakeId);
    if (stage !== undefined) this.#accepted.set(Number(payload['message_id']), stage);
  }

  #deliver(event: ChainEvent): void {
    const stage = this.#accepted.get(Number(event.payload['message_id']));
    if (stage !== undefined) this.#reach(stage, event);
  }

  #reach(stage: Stage, { occurredAt }: ChainEvent): void {
    if (!this.#reached.has(stage)) this.#reached.set(stage, Date.parse(occurredAt));
  }
}

/** Which word of the thread a message is; of any other nobody waits. */
function stageOf(key: string, wakeId: string | null): Stage | undefined {
  if (key === `investigation:${wakeId}`) return 'findings_told';
  if (key.includes(':resolve:')) return 'over_told';
  return /:(open|reopen:\d+)$/.test(key) ? 'told' : undefined;
}
