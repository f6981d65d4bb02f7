import type { RuntimeDoor } from './runtime.ts';

/** One of the two output streams, as far as a command may touch it. */
export interface Sink {
  readonly isTTY: boolean;
  /** Columns of the terminal; undefined when it is none. */
  readonly columns: number | undefined;
  /** Never throws; after the reader has gone it does nothing. */
  write(text: string): void;
  /** Aborts when the reader has gone (a closed pipe). */
  readonly closed: AbortSignal;
}

export type Interrupt = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** A program started on the operator's behalf: the browser, or the runtime with `--detach`. */
export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** File that takes its output; without one the output is dropped. */
  readonly logFile?: string;
}

export interface Child {
  readonly pid: number | undefined;
  /** What it announces over its channel: `up` sends its ready line or its failure. */
  onMessage(listener: (message: unknown) => void): void;
  /** Called once: it ended, or it never started. */
  onEnd(listener: (code: number | null) => void): void;
  /** Lets go of it: it lives on, this process may end. */
  release(): void;
}

/** A tool of the operator's that does one thing and ends: a package manager, an editor. */
export interface ToolOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Takes what it prints, on either stream, as it comes. */
  readonly onOutput: (text: string) => void;
  /** It has the terminal to itself, and what it prints is not taken: an editor. */
  readonly ownsTerminal?: boolean;
}

/** Everything a command needs of the process it runs in; tests hand in their own. */
export interface Host {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** What is piped in, for a command that was told to read it. */
  stdin(): NodeJS.ReadableStream;
  readonly runtime: RuntimeDoor;
  readonly fetch: typeof globalThis.fetch;
  now(): number;
  /** Resolves after `ms`, or as soon as the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** What the operator types after a question, without the line's end; undefined where no terminal is there to ask on. Hidden: what is typed is not shown. */
  ask(question: string, options?: { readonly hidden?: boolean }): Promise<string | undefined>;
  /** Takes over the signals that end a process until released; without a listener they do so as usual. */
  onInterrupt(listener: (name: Interrupt) => void): () => void;
  /** Ends the process at once: a second Ctrl-C. */
  exit(code: number): void;
  /** Whether a process of that id is there and no zombie. */
  alive(pid: number): boolean;
  /** Tells the process that started this one, if it asked to be told. */
  announce(message: object): void;
  start(options: ChildOptions): Promise<Child>;
  /** Runs a tool to its end; its exit code, or null where it could not be started or was ended by a signal. */
  runTool(options: ToolOptions): Promise<number | null>;
  /** How this very program is started again, for `up --detach`. */
  readonly self: { readonly command: string; readonly args: readonly string[] };
}
