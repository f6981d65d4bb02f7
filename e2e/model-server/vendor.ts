import type { Asked, Called, Counted, Refusal, Reply, Said } from './script.ts';

const pieceLength = 24;

/** One server-sent event. A piece carries text or arguments; a script breaks an answer between pieces. */
export interface Frame {
  readonly text: string;
  readonly isPiece: boolean;
}

/** What a vendor's request asks, before it has a number. */
export type Understood = Pick<
  Asked,
  'model' | 'isStream' | 'system' | 'messages' | 'tools' | 'maxTokens' | 'body'
>;

/** An answer on its way out. */
export interface Answer {
  readonly asked: Asked;
  readonly reply: Reply;
  readonly id: string;
  readonly calls: readonly Required<Called>[];
}

/** How one vendor speaks. */
export interface Vendor {
  readonly name: Asked['vendor'];
  keyOf(headers: Asked['headers']): string | undefined;
  /** Throws a {@link Refused} where the vendor would refuse. */
  understand(body: Readonly<Record<string, unknown>>, headers: Asked['headers']): Understood;
  frames(answer: Answer): AsyncIterable<Frame>;
  whole(answer: Answer): Promise<unknown>;
  /** The body of an error. */
  error(refusal: Refusal): unknown;
  /** An error in the midst of a stream. */
  errorFrame(): string;
  limits(headroom: number): Readonly<Record<string, string>>;
}

/** The request is not one that the vendor takes. */
export class Refused extends Error {
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

export function event(data: unknown, name?: string): string {
  const payload = typeof data === 'string' ? data : JSON.stringify(data);
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${payload}\n\n`;
}

/** The text of a reply, piece by piece. */
export async function* piecesOf(text: Reply['text']): AsyncGenerator<string> {
  if (typeof text === 'string') yield* cut(text);
  else if (text !== undefined) yield* text;
}

/** The arguments of a call, piece by piece; those of none are one empty object. */
export function argumentsOf({ input }: Pick<Called, 'input'>): string[] {
  return cut(typeof input === 'string' ? input : JSON.stringify(input ?? {}));
}

function cut(text: string): string[] {
  return text.match(new RegExp(`[^]{1,${pieceLength}}`, 'gu')) ?? [];
}

export async function textOf(reply: Reply): Promise<string> {
  let text = '';
  for await (const piece of piecesOf(reply.text)) text += piece;
  return text;
}

/** What the server counted, by a rule of thumb where the script does not say: four bytes a token. */
export function countedFor({ asked, reply: { usage } }: Answer, written: number): Counted {
  if (usage !== undefined && usage !== null && !('said' in usage)) return usage;
  return { input: Math.ceil(asked.bytes / 4), output: Math.max(1, Math.ceil(written / 4)) };
}

/** Each call has its result in what follows, and each result its call before it: both vendors insist. */
export function checkCalls(messages: readonly Said[], groups: (at: number) => readonly Said[]): void {
  for (const [at, { calls }] of messages.entries()) {
    const answered = new Set(groups(at + 1).flatMap(({ results }) => results.map(({ id }) => id)));
    const missing = calls.filter(({ id }) => !answered.has(id)).map(({ id }) => id);
    if (missing.length > 0)
      throw new Refused(`messages.${at}: tool calls without a result right after: ${missing.join(', ')}`);
  }
  const called = new Set(messages.flatMap(({ calls }) => calls.map(({ id }) => id)));
  const stray = messages.flatMap(({ results }) => results.filter(({ id }) => !called.has(id)));
  if (stray[0] !== undefined) throw new Refused(`messages: a tool result of no call: ${stray[0].id}`);
}
