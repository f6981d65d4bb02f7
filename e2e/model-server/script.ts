/** What the server says it counted: input that no cache had, output, and what came from or went into a cache. */
export interface Counted {
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
}

/** A call of a tool that the answer asks for. */
export interface Called {
  readonly name: string;
  /** Its arguments; a string is sent as it is, so that it may be no JSON. */
  readonly input: unknown;
  /** Default one that is unique on the server. */
  readonly id?: string;
}

/** Where an answer breaks: after so many of its pieces, of text or of arguments. */
export interface Break {
  readonly after: number;
  /** The connection goes; the vendor's error in the midst of the stream; a line that is no JSON; silence on an open connection. */
  readonly how: 'cut' | 'error' | 'nonsense' | 'hang';
}

/** What a model answers. */
export interface Reply {
  /** A string is cut into pieces; an iterable is sent piece by piece as it comes, so that a script decides when. */
  readonly text?: string | Iterable<string> | AsyncIterable<string>;
  readonly tools?: readonly Called[];
  /** Default counted from the bytes; null says nothing at all; `said` is sent in place of it, whatever it is. */
  readonly usage?: Counted | null | { readonly said: unknown };
  /** In the vendor's words; default by what was answered. */
  readonly stopReason?: string;
  readonly breaks?: Break;
  /** What is left of the limits, 0 to 1, in the vendor's headers; without it they are not sent. */
  readonly headroom?: number;
}

/** An error in the vendor's form. */
export interface Refusal {
  readonly status: number;
  /** The vendor's name of it; default by the status. */
  readonly type?: string;
  readonly message?: string;
  /** Seconds. */
  readonly retryAfter?: number;
}

/** No answer: an open connection in silence, a connection that is cut, or a page that is none of the vendor's. */
export type Away = { readonly away: 'hang' | 'cut' } | { readonly page: string; readonly status?: number };

export type Step = Reply | Refusal | Away;

/** Steps by their turn, or whoever decides by what is asked. Beyond the last step everything is refused with 400. */
export type Script = readonly Step[] | ((asked: Asked) => Step | Promise<Step>);

/** A message as both vendors mean it. */
export interface Said {
  readonly role: string;
  readonly text: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
  readonly results: readonly { readonly id: string; readonly text: string }[];
}

/** A request as it arrived. */
export interface Asked {
  /** From 1, in the order of arrival. */
  readonly number: number;
  /** Milliseconds of the wall clock. */
  readonly at: number;
  readonly vendor: 'anthropic' | 'openai';
  readonly model: string;
  readonly isStream: boolean;
  readonly system: string;
  readonly messages: readonly Said[];
  /** Names of the tools it may call. */
  readonly tools: readonly string[];
  readonly maxTokens: number | null;
  readonly key: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** As it was sent. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly bytes: number;
}

/** How a request ended: `left` when whoever asked hung up before the end. */
export interface Served {
  readonly number: number;
  readonly end: 'whole' | 'broken' | 'refused' | 'left';
  /** Milliseconds of the wall clock. */
  readonly at: number;
  /** Pieces that were sent. */
  readonly pieces: number;
}

export function isRefusal(step: Step): step is Refusal {
  return 'status' in step && !('page' in step);
}

export function isAway(step: Step): step is Away {
  return 'away' in step || 'page' in step;
}
