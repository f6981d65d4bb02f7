/** What a runtime and its guardian say to each other. One line of JSON each; the runtime's only word is `stop`. */

/** Everything a guardian has to know; it comes on its standard input and holds no secret. */
export interface GuardianSpec {
  /** Which guardian this is. Only the one that the fence file names may touch the server. */
  readonly id: string;
  readonly fenceFile: string;
  /** The unix socket on which runtimes hold their lease. */
  readonly socket: string;
  readonly server: ServerSpec;
  /** How long the server outlives a runtime that ended without a word, in milliseconds. */
  readonly graceMs: number;
}

export interface ServerSpec {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
  readonly version: string;
  readonly dataDirectory: string;
  readonly socketFolder: string;
  readonly logFile: string;
}

/**
 * starting: the server is on its way up, for the first time or after it died.
 * ready: it takes connections.
 * stopping: it was asked to end; the guardian ends after it.
 * failed: it does not come up; the guardian ends.
 */
export type GuardianState = 'starting' | 'ready' | 'stopping' | 'failed';

export interface GuardianStatus {
  readonly guardian: number;
  readonly state: GuardianState;
  /** The postmaster's pid; 0 while there is none. */
  readonly server: number;
  readonly version: string;
  /** The server was running before this guardian came. */
  readonly adopted: boolean;
  /** Why it failed, with the server's own last words. */
  readonly reason: string;
}

/** The fence file: who may act, and under which pid it was started. */
export interface Fence {
  readonly id: string;
  readonly pid: number;
}

export function parseFence(text: string | undefined): Fence | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('id' in value)) return undefined;
    return { id: String(value.id), pid: 'pid' in value ? Number(value.pid) : 0 };
  } catch {
    return undefined; // half a file after a power cut; whoever wrote it is gone too
  }
}
