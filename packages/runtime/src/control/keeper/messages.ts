import type { Sentinel } from '../sentinel.ts';
import type { EmergencyRecord, EmergencyWhat, KeeperTimes, Watched } from './contract.ts';

/** What the thread is started with. */
export interface KeeperCharge {
  readonly home: string;
  /** What a hard end by a level 5 takes away. */
  readonly tokenFile: string;
  readonly startedAt: number;
  readonly times: KeeperTimes;
  readonly seenBefore: string | undefined;
  readonly shared: SharedArrayBuffer;
}

/** Places in the memory that both threads share. */
export const slot = { level: 0, kills: 1, beats: 2, heard: 3, looks: 4, count: 5 } as const;

/** To the thread. */
export type KeeperOrder =
  | { readonly kind: 'watch'; readonly key: Watched; readonly level: number }
  | { readonly kind: 'effective'; readonly key: Watched }
  | { readonly kind: 'superseded' }
  | { readonly kind: 'exit'; readonly ms: number; readonly level: number }
  | { readonly kind: 'tell'; readonly what: EmergencyWhat; readonly detail: string };

/** From the thread. */
export type KeeperNews =
  | { readonly kind: 'looking' }
  | { readonly kind: 'sentinel'; readonly sentinel: Sentinel | undefined }
  | { readonly kind: 'told'; readonly record: EmergencyRecord }
  | { readonly kind: 'fault'; readonly message: string };
