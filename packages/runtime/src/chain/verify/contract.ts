/** What can be wrong with a chain. The first damage ends a pass; what stands before it is proven. */
export type Damage =
  /** A field or the body is not what was hashed. */
  | 'changed'
  /** Rows are gone from the beginning or the middle. */
  | 'missing'
  /** A row stands in another's place. */
  | 'reordered'
  /** A row that the chain never linked. */
  | 'inserted'
  /** Rows are gone from the end. */
  | 'truncated_tail'
  /** The events prove, and the head row says something else. */
  | 'head_mismatch'
  /** A body is gone, and no event on the chain says that it was redacted. */
  | 'body_missing'
  /** A checkpoint's signature is false. */
  | 'bad_signature'
  /** A signed checkpoint, or what was verified before, proves another history than the one that stands here. */
  | 'rewound';

/** A point of the chain: an event and its hash, in hex. */
export interface ChainPoint {
  readonly seq: number;
  readonly hash: string;
}

/** What a pass over the chain found. */
export interface Verification {
  /** Integrity: everything that is there proves. */
  readonly ok: boolean;
  /** Events before the first bad one whose hashes were recomputed. */
  readonly checked: number;
  readonly firstBadSeq?: number;
  readonly problem?: Damage;
  /** The problem in one sentence. */
  readonly detail?: string;
  readonly head: ChainPoint;
  readonly completeness: Completeness;
  /** The last event that is proven: hand it to the next pass as `after`. */
  readonly resumeFrom: ChainPoint;
}

/** What is not there any more, or was never vouched for, though everything that is there proves. */
export interface Completeness {
  /** Bodies that an event on the chain says were redacted. */
  readonly redacted: number;
  /** Events up to here were pruned behind a checkpoint; 0 when none were. */
  readonly prunedThrough: number;
  /** Checkpoints that were compared with the events. */
  readonly checkpoints: number;
  /** The last event that one of them vouches for; 0 when none does. */
  readonly checkpointedThrough: number;
}

/** A checkpoint as the verifier needs it, in order of size. */
export interface CheckpointClaim {
  readonly size: number;
  /** Hash of event `size`, as the checkpoint's signed text has it. */
  readonly eventHash: Buffer;
  readonly verdict: 'valid' | 'bad_signature' | 'unknown_key';
}

export interface VerifyOptions {
  /** First sequence to check, default the first there should be; the link to the event before it is checked too. */
  readonly from?: number;
  /** What an earlier pass proved: this one begins behind it, and finds a chain that has been rewritten since. */
  readonly after?: ChainPoint;
  /** Events to go through at most. A pass that ends before the head says nothing of the head, nor of what is behind it. */
  readonly most?: number;
  /** Checkpoints to compare with, in ascending order of size. */
  readonly checkpoints?: AsyncIterable<CheckpointClaim>;
  /** Connections that read, each with a thread that hashes; default 2. A short run needs one and no thread. */
  readonly streams?: number;
  /** Told how far the chain is proven, some tens of thousands of events apart. */
  readonly onProgress?: (proven: ChainPoint, head: ChainPoint) => void;
  readonly signal?: AbortSignal;
}

/** What a damage is called where it is held: one name, whoever meets it. */
export function findingOf({ firstBadSeq }: Verification): string {
  return `verification:${firstBadSeq}`;
}
