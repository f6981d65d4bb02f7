import type { FoundCheckpoint } from '../form.ts';

/** A place that keeps checkpoints where the owner of this store cannot rewrite them. */
export interface Anchor {
  /** What it is called everywhere, and what its cursor is kept under. */
  readonly name: string;
  readonly kind: 'command' | 'git' | 'workspace';
  /** Milliseconds that one attempt may take. */
  readonly timeoutMs: number;
  /** Takes a checkpoint; the same one may come twice. Resolves when it is kept. */
  keep(checkpoint: KeptCheckpoint, signal: AbortSignal): Promise<void>;
  /** The newest checkpoint that the place can give back, whoever signed it; absent where it gives nothing back. */
  newest?(signal: AbortSignal): Promise<FoundCheckpoint | undefined>;
}

export type KeptCheckpoint = Pick<FoundCheckpoint, 'size' | 'root' | 'note'>;
