import type { Database } from '../../packages/runtime/src/store/index.ts';

/** Whose month it is. */
export interface Into {
  readonly database: Pick<Database, 'query'>;
  readonly workspaceId: number;
  readonly runtimeId: string;
}

/** Milliseconds since 1970, as the store takes it. */
export const iso = (ms: number): string => new Date(ms).toISOString();
