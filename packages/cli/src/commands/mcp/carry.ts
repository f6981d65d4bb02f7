import { z } from 'zod';

/** The way to the runtime. */
export interface Way {
  readonly fetch: typeof globalThis.fetch;
  readonly token: string;
  /** Asked anew for each message: a runtime that was started again may listen elsewhere. Throws KORA_UNREACHABLE. */
  readonly url: () => Promise<string>;
}

/** What was agreed on at the beginning, for the headers of what follows. */
export interface Session {
  version: string | undefined;
}

const messageSchema = z.looseObject({
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string().optional(),
  params: z.looseObject({ name: z.string().optional(), uri: z.string().optional() }).optional(),
});
type Message = z.infer<typeof messageSchema>;

const versionKey = 'io.modelcontextprotocol/protocolVersion';
/** JSON-RPC: it is no JSON; and what whoever serves may say on its own account. */
const parseError = -32_700;
const notCarried = -32_000;

const problemSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }),
});
const agreedSchema = z.object({ result: z.object({ protocolVersion: z.string() }) });

/** Carries one message to the runtime; answers the lines to be written, none for what asks for no answer. */
export async function carry(
  line: string,
  way: Way,
  session: Session,
  words: (error: unknown) => Promise<string>,
): Promise<readonly string[]> {
  const message = read(line);
  if (message === undefined) return [failure(null, parseError, 'this line is no JSON')];
  try {
    return await sent(line, message, way, session);
  } catch (error) {
    return message.id === undefined ? [] : [failure(message.id, notCarried, await words(error))];
  }
}

async function sent(line: string, message: Message, way: Way, session: Session): Promise<readonly string[]> {
  const response = await way.fetch(`${await way.url()}/mcp`, {
    method: 'POST',
    headers: headersOf(message, way.token, session),
    body: line,
  });
  const text = await response.text();
  const answers =
    response.headers.get('content-type')?.startsWith('text/event-stream') === true
      ? eventsIn(text)
      : bodyIn(text);
  const asked = message.id;
  if (asked === undefined) return [];
  // The runtime's own refusal (no token, still booting) is no JSON-RPC.
  const problem = response.ok ? undefined : problemSchema.safeParse(answers[0]).data?.error;
  if (problem !== undefined) {
    const mend = problem.hint === undefined ? '' : `; ${problem.hint}`;
    return [failure(asked, notCarried, `${problem.code}: ${problem.message}${mend}`)];
  }
  if (answers.length === 0)
    return [failure(asked, notCarried, `the runtime answered ${response.status} and nothing more`)];
  if (message.method === 'initialize')
    session.version = agreedSchema.safeParse(answers.at(-1)).data?.result.protocolVersion;
  return answers.map((answer) => JSON.stringify(answer));
}

/** What a header must repeat of the body, in the revisions that ask for it. */
function headersOf({ method, params }: Message, token: string, { version }: Session): Record<string, string> {
  const meta = z.record(z.string(), z.unknown()).safeParse(params?.['_meta']).data ?? {};
  const said = meta[versionKey];
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${token}`,
  };
  const spoken = typeof said === 'string' ? said : version;
  if (spoken !== undefined) headers['mcp-protocol-version'] = spoken;
  if (typeof said !== 'string' || method === undefined) return headers;
  headers['mcp-method'] = method;
  const name = params?.name ?? params?.uri;
  if (name !== undefined) headers['mcp-name'] = name;
  return headers;
}

function read(line: string): Message | undefined {
  try {
    return messageSchema.parse(JSON.parse(line));
  } catch {
    // Whatever it is, it is no message.
    return undefined;
  }
}

function bodyIn(text: string): readonly unknown[] {
  try {
    return text === '' ? [] : [JSON.parse(text)];
  } catch {
    return [];
  }
}

/** Server-sent events, each with one message. */
function eventsIn(text: string): readonly unknown[] {
  return text.split(/\r?\n\r?\n/).flatMap((event) => {
    const lines = event.split(/\r?\n/).filter((each) => each.startsWith('data:'));
    return bodyIn(lines.map((each) => each.slice('data:'.length).trim()).join('\n'));
  });
}

function failure(id: string | number | null, code: number, message: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } });
}
