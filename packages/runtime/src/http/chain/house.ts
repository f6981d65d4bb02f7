import type { Writable } from 'node:stream';
import type * as shape from '../shapes.ts';

/** The API's questions about the event log. */
export interface ChainHouse {
  events(query: EventsRequest): Promise<shape.EventRow[]>;
  event(seq: number): Promise<shape.EventDetail>;
  /** Back to its first cause, and what followed. Throws KORA_NOT_FOUND. */
  causes(seq: number): Promise<shape.Causes>;
  /** By the newest checkpoint. Throws KORA_NOT_FOUND when none covers it yet. */
  proof(seq: number): Promise<shape.InclusionProof>;
  verify(request: VerifyRequest): Promise<shape.VerifyResult>;
  /** Writes the export into `out`, in constant memory, and leaves it open. */
  exportChain(request: ExportRequest): Promise<void>;
  checkpoints(limit: number): Promise<shape.Checkpoints>;
  makeCheckpoint(): Promise<shape.CheckpointMade>;
  consumers(): Promise<shape.ConsumerRow[]>;
  parked(consumer: string | undefined): Promise<shape.ParkedRow[]>;
  /** Asks for one parked event, or for all of the consumer, to be tried again. */
  replayParked(choice: ParkedRequest): Promise<shape.ReplayRequested>;
  skipParked(choice: ParkedRequest & { readonly seq: number }): Promise<shape.Receipt>;
  /** Removes a consumer that runs nowhere, with its cursor and what it parked. */
  forgetConsumer(consumer: string): Promise<shape.Receipt>;
  redact(seq: number, reason: string): Promise<shape.Receipt>;
  prune(request: shape.PruneRequest, signal: AbortSignal): Promise<shape.Pruned>;
  /** Calls back after each seal. */
  onSealed(listener: () => void): Disposable;
}

export interface EventsRequest {
  readonly type?: string | undefined;
  readonly after?: number | undefined;
  /** Only events before this sequence: with `desc`, the page behind. */
  readonly before?: number | undefined;
  readonly limit?: number | undefined;
  readonly order?: 'asc' | 'desc' | undefined;
}

export interface ChainPoint {
  readonly seq: number;
  readonly hash: string;
}

export interface VerifyRequest {
  readonly from?: number | undefined;
  /** What an earlier pass proved: this one begins behind it. */
  readonly after?: ChainPoint | undefined;
  readonly onProgress?: ((proven: ChainPoint, head: ChainPoint) => void) | undefined;
  readonly signal: AbortSignal;
}

export interface ExportRequest {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly out: Writable;
  readonly signal: AbortSignal;
}

export interface ParkedRequest {
  readonly consumer: string;
  readonly seq?: number | undefined;
  readonly reason: string;
}
