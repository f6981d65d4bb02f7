import type * as shape from '../shapes.ts';

/** Everything that is asked with a reason, and at most once. */
interface Asked {
  readonly reason: string;
  readonly idempotencyKey?: string | undefined;
}

export interface StopRequest extends Asked {
  readonly level: number;
  readonly forMs?: number | undefined;
}

export interface PauseRequest extends Asked {
  readonly forMs?: number | undefined;
}

export interface ResumeRequest extends Asked {
  readonly holdId?: number | undefined;
}

/** The API's questions about who stops Kora, and how far that is. */
export interface ControlHouse {
  /** Issues a command and answers its row; each runtime says what came of it in `koraControl`. */
  stop(request: StopRequest): Promise<shape.StopCommandRow>;
  pause(request: PauseRequest): Promise<shape.HoldRow>;
  /** Bare: a reset of every stop, and every hold of the operator. With a hold: that one only. */
  resume(request: ResumeRequest): Promise<shape.OperationalState>;
  koraControl(): Promise<shape.KoraControl>;
  drState(): Promise<shape.DrState>;
}
