import { z } from 'zod';
import { artifactTypes, largestArtifact } from '../contract.ts';
import type { NewArtifact } from '../contract.ts';

// What a guest says of its files, bounded as everything that comes from there; what may be kept is judged where it is for
// everybody. See arrivals.ts.

const count = z.number().int().nonnegative();

/** Base64 of what crosses in one piece. */
const longestPiece = 1_500_000;

export type ArtifactWords = Omit<NewArtifact, 'content'> & { readonly size: number };

export const artifactWords: z.ZodType<ArtifactWords> = z.object({
  name: z.string().max(1_000),
  type: z.exactOptional(z.enum(artifactTypes)),
  keepDays: z.exactOptional(z.number().nullable()),
  ticketId: z.exactOptional(z.number()),
  size: count.max(largestArtifact),
});

export const artifactPiece: z.ZodType<{ content: string }> = z.object({
  content: z.base64().max(longestPiece),
});

export const artifactNamed: z.ZodType<{ artifactId: string }> = z.object({ artifactId: z.string().max(200) });

export const artifactRead: z.ZodType<{ offset: number }> = z.object({ offset: count });

export const artifactQuery: z.ZodType<{ limit?: number }> = z.object({ limit: z.exactOptional(z.number()) });
