import { messageOf } from '../fault/index.ts';
import { storable } from '../chain/index.ts';

/** What a failed send says of itself. */
export interface Failure {
  readonly error: string;
  /** The provider said when it may be tried again, in milliseconds; never longer than a quarter of an hour. */
  readonly retryAfterMs?: number;
  /** Never over this channel. */
  readonly permanent: boolean;
}

/** A provider that asks for more has a channel that does not deliver; nobody waits for it longer than that. */
export const longestRetryAfterMs = 900_000;

/** Reads what a channel threw: a refusal says more than an error does. */
export function failureOf(thrown: unknown): Failure {
  const error = String(storable(messageOf(thrown)));
  const details = refusalDetails(thrown);
  if (details === undefined) return { error, permanent: false };
  const permanent = Reflect.get(details, 'permanent') === true;
  const asked: unknown = Reflect.get(details, 'retryAfterMs');
  if (typeof asked !== 'number' || !Number.isFinite(asked) || asked <= 0) return { error, permanent };
  return { error, permanent, retryAfterMs: Math.min(longestRetryAfterMs, Math.ceil(asked)) };
}

function refusalDetails(thrown: unknown): object | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  if (Reflect.get(thrown, 'code') !== 'KORA_CHANNEL_REFUSED') return undefined;
  const details: unknown = Reflect.get(thrown, 'details');
  return typeof details === 'object' && details !== null ? details : undefined;
}
