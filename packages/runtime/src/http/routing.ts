import type { Context } from 'hono';
import type { z } from 'zod';
import type { Clock } from '../clock/index.ts';
import type { House } from './house.ts';

/** What routes are made from. */
export interface RoutesOptions {
  /** Throws KORA_NOT_READY until the rooms stand. */
  readonly house: () => House;
  readonly clock: Clock;
  /** Aborts when the server closes. */
  readonly signal: AbortSignal;
  readonly onError: (where: string, error: unknown) => void;
}

/** Adds a read: what it answers is wrapped with how true it is, and as of when. */
export type Reader = (path: string, answer: (context: Context) => unknown) => void;

/** Adds a mutation: its body is parsed first. */
export type Writer = <T extends z.ZodType>(
  path: string,
  body: T,
  answer: (input: z.infer<T>, context: Context) => unknown,
) => void;
