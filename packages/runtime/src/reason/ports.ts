import type { EngineSpec, LearnedUse, ReasonRoute, ToolOutcome, ToolView } from './contract.ts';

/** A run as its tools meet it: one object for all calls of one run, so that what was asked before can be kept by it. */
export interface RunFacts {
  readonly runId: string;
  readonly route: ReasonRoute;
  /** Who asks at the door: the plugin whose engine thinks; an untrusted plugin that asked, in its own name. */
  readonly caller: string;
  /** The claim in whose name it is thought; null outside of tickets. */
  readonly ticket: { readonly ticketId: number; readonly fence: number } | null;
  /** What it was advertised; nothing else may be called. */
  readonly tools: readonly ToolView[];
  /** Text of strangers is part of the question: it quotes some, or works a ticket that is not trusted. */
  readonly untrusted?: boolean;
  readonly identityHash: string | null;
  /** Of the run: aborts at its end, whatever ends it. */
  readonly signal: AbortSignal;
}

export interface ToolRequest {
  /** Unique in the run. */
  readonly callId: string;
  readonly tool: string;
  readonly input: unknown;
  readonly reason?: string | undefined;
}

export interface ToolDone {
  readonly outcome: ToolOutcome;
  /** The input as it may be kept with the run: what the tool marks is taken out. */
  readonly recorded: unknown;
}

/** The tools that can be called here. */
export interface ToolsPort {
  /** What whoever asks may use on this route, each that it is granted or may ask for; recorded with the run. */
  advertised(asker: {
    readonly route: ReasonRoute;
    readonly caller: string;
    readonly untrusted?: boolean;
  }): Promise<readonly ToolView[]>;
  /** Asks the door and runs it; never throws for what a model can go on with. */
  call(run: RunFacts, request: ToolRequest): Promise<ToolDone>;
}

/** What is said for nothing, and by which version. */
export interface Known {
  readonly text: string;
  readonly version: number;
  /** Where it was learned. `compared`: whoever thinks is to be asked all the same, and this is kept beside their answer. */
  readonly learned?: LearnedUse;
}

/** What answers for nothing, to a run. Undefined: it is for whoever thinks. */
export type PhrasebookPort = (text: string, runId: string) => Promise<Known | undefined>;

/** How everything stands, as it is shown to a model; null unless it is fresh. */
export type SnapshotPort = () => Promise<Readonly<Record<string, unknown>> | null>;

/** What the room of thinking is told of rooms beside it. */
export interface ReasonPorts {
  readonly tools: ToolsPort;
  readonly phrasebook: PhrasebookPort;
  readonly snapshot: SnapshotPort;
}

/** Whoever registered an engine, and what it registered. */
export interface ServingEngine {
  readonly spec: EngineSpec;
  /** The plugin, or `kora`. */
  readonly owner: string;
  /** Aborts when the engine goes. */
  readonly signal: AbortSignal;
}

/** Who asks. */
export interface Asker {
  /** A plugin's id, `operator`, or `kora`. */
  readonly id: string;
  /** An untrusted plugin's question is thought about with no more than the plugin itself may do. */
  readonly trusted: boolean;
}

/** Kept until somebody brings tools: there are none. */
export const noTools: ToolsPort = {
  advertised: () => Promise.resolve([]),
  call: (_run, { tool, input }) =>
    Promise.resolve({
      outcome: { status: 'not_advertised', text: `there is no tool ${tool}` },
      recorded: input,
    }),
};
