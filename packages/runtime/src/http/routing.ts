import type { Context } from 'hono';
import type { z } from 'zod';
import type { Clock } from '../clock/index.ts';
import type { House } from './house.ts';
import type { Operation } from './openapi.ts';

/** What routes are made from. */
export interface RoutesOptions {
  /** Throws KORA_NOT_READY until the rooms stand. */
  readonly house: () => House;
  readonly clock: Clock;
  /** Aborts when the server closes. */
  readonly signal: AbortSignal;
  readonly onError: (where: string, error: unknown) => void;
  /** Every route says here what it takes and answers: the API's document is made from it. */
  readonly operations: Operation[];
}

/** No question mark, or nothing behind it that is looked at. */
type NoQuery = z.ZodObject;

export interface ReadSpec<Data extends z.ZodType, Query extends z.ZodType> {
  readonly data: Data;
  readonly query?: Query;
}

export interface WriteSpec<Data extends z.ZodType, Body extends z.ZodType> {
  readonly data: Data;
  readonly body: Body;
}

type Answer<Data extends z.ZodType> = z.infer<Data> | Promise<z.infer<Data>>;

/** Adds a read: its query is parsed first, and what it answers is wrapped with how true it is, and as of when. */
export type Reader = <Data extends z.ZodType, Query extends z.ZodType = NoQuery>(
  path: string,
  spec: ReadSpec<Data, Query>,
  answer: (query: z.infer<Query>, context: Context) => Answer<Data>,
) => void;

/**
 * Adds a mutation: its body is parsed first. What it asks of its caller, and whether it is told on the chain as a deed of
 * the operator, stands in session/needs.ts.
 */
export type Writer = <Data extends z.ZodType, Body extends z.ZodType>(
  path: string,
  spec: WriteSpec<Data, Body>,
  answer: (input: z.infer<Body>, context: Context) => Answer<Data>,
) => void;
