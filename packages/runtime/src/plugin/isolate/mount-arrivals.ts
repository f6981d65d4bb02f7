import { z } from 'zod';
import type { MountRequest } from '../contract.ts';

// What a guest says of its mounts, bounded as everything that comes from there. See arrivals.ts.

/** A request as it crosses: its body as base64. */
export type WireRequest = Omit<MountRequest, 'body' | 'signal'> & { readonly body: string };

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface MountArrival {
  readonly handle: number;
  readonly path: string;
  readonly directory?: string;
  readonly fallback?: string;
  readonly deadlineMs?: number;
  readonly handles: boolean;
}

const path = z.string().max(4_096);

export const mountArrival: z.ZodType<MountArrival> = z.object({
  handle: z.number().int().nonnegative(),
  path: z
    .string()
    .max(200)
    .regex(
      /^\/(?:[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)?$/,
      'must be a path such as "/" or "/tides"',
    ),
  directory: z.exactOptional(path),
  fallback: z.exactOptional(path),
  deadlineMs: z.exactOptional(z.number().int().positive()),
  handles: z.boolean(),
});

/** 2 MiB of body, as base64. */
const longestBody = 2_800_000;
const mostHeaders = 64;

export const mountAnswer: z.ZodType<WireAnswer> = z.object({
  status: z.number().int().min(200).max(599),
  headers: z
    .record(z.string().max(100), z.string().max(8_000))
    .refine((headers) => Object.keys(headers).length <= mostHeaders, `more than ${mostHeaders} headers`),
  body: z.base64().max(longestBody),
});
