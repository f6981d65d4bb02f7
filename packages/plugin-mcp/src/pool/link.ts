import { KoraError, messageOf } from '@kora/runtime/plugin';
import type { PluginContext } from '@kora/runtime/plugin';
import type { Client, Transport } from '@modelcontextprotocol/client';
import type { ServerConfig } from '../config.ts';
import type { ServerTool } from './pins.ts';

export interface LinkOptions {
  readonly name: string;
  readonly config: ServerConfig;
  readonly context: Pick<PluginContext<unknown>, 'clock' | 'secret'>;
  /** The server said that its tools are others now. */
  readonly onToolsChanged: () => void;
}

const firstWaitMs = 1_000;
const longestWaitMs = 300_000;
const version = '1';

/**
 * The way to one MCP server: opened when it is first needed, closed when it fails, and then not tried again before a wait
 * that doubles. Whoever asks meanwhile is told so at once.
 */
export class Link {
  readonly #options: LinkOptions;
  #client: Promise<Client> | undefined;
  /** Ends a connecting that is under way. */
  #connecting = new AbortController();
  /** The connections whose failure counted: each does once, however many waited for it. */
  readonly #counted = new WeakSet<Promise<Client>>();
  #failures = 0;
  #notBefore = 0;
  #error: string | null = null;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#client !== undefined;
  }

  /** Why it is away; null while nobody knows better. */
  get error(): string | null {
    return this.#error;
  }

  /** Everything the server offers now; never what was kept from before. */
  async tools(signal: AbortSignal): Promise<ServerTool[]> {
    const { timeoutMs: timeout } = this.#options.config;
    return this.#ask(async (client) => {
      const { tools } = await client.listTools(undefined, { signal, timeout, cacheMode: 'refresh' });
      return tools;
    });
  }

  /** What the tool answered, as text; throws PLUGIN_MCP_TOOL_FAILED with its words where it says that it failed. */
  async call(tool: string, input: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<string> {
    const { name, config } = this.#options;
    const options = { signal, timeout: config.timeoutMs };
    const answer = await this.#ask((client) =>
      client.callTool({ name: tool, arguments: { ...input } }, options),
    );
    const text = textOf(answer as Answer);
    if ((answer as Answer).isError !== true) return text;
    throw new KoraError('PLUGIN_MCP_TOOL_FAILED', `${tool} of ${name} says: ${text}`);
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#connecting.abort();
    // One that never came up is closed already.
    await client?.then((open) => open.close()).catch(() => undefined);
  }

  async #ask<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const way = this.#way();
    try {
      const client = await way;
      const answer = await work(client);
      this.#failures = 0;
      this.#error = null;
      return answer;
    } catch (error) {
      // What the server answers, if only to refuse, is no failure of the way to it.
      if (await isAnswer(error)) throw error;
      await this.#failed(error, way);
      throw this.#away();
    }
  }

  /** The connection that there is, or a new one. Throws PLUGIN_MCP_AWAY before it may be tried again. */
  #way(): Promise<Client> {
    if (this.#client !== undefined) return this.#client;
    if (this.#options.context.clock.now() < this.#notBefore) throw this.#away();
    this.#connecting = new AbortController();
    const way = this.#connect(this.#connecting.signal, () => {
      // An old one that ends at last says nothing of the one that took its place.
      if (this.#client === way) this.#client = undefined;
    });
    this.#client = way;
    return way;
  }

  async #connect(signal: AbortSignal, onclose: () => void): Promise<Client> {
    const { config, onToolsChanged } = this.#options;
    const { Client: McpClient } = await import('@modelcontextprotocol/client');
    const client = new McpClient(
      { name: 'kora', version },
      {
        versionNegotiation: { mode: 'auto' },
        // Only the word that they changed is taken from it; what they are now is asked for.
        listChanged: { tools: { autoRefresh: false, onChanged: () => onToolsChanged() } },
      },
    );
    // The SDK has no other way to say it than to be given this.
    Object.assign(client, { onclose });
    const transport = await this.#transport();
    const given = Promise.withResolvers<never>();
    const stop = (): void => given.reject(new KoraError('PLUGIN_MCP_AWAY', 'it is not waited for any more'));
    signal.addEventListener('abort', stop, { once: true });
    const connecting = client.connect(transport, { timeout: config.timeoutMs, signal });
    try {
      signal.throwIfAborted();
      await Promise.race([connecting, given.promise]);
    } catch (error) {
      connecting.catch(() => undefined); // the other one ended it first
      await transport.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
    return client;
  }

  async #transport(): Promise<Transport> {
    const { config } = this.#options;
    if ('url' in config) {
      const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
      const headers = await this.#secrets(config.headers);
      if (config.bearer !== undefined)
        headers['Authorization'] = `Bearer ${await this.#secret(config.bearer)}`;
      return new StreamableHTTPClientTransport(new URL(config.url), { requestInit: { headers } });
    }
    const { getDefaultEnvironment, StdioClientTransport } = await import(
      '@modelcontextprotocol/client/stdio'
    );
    const env = { ...getDefaultEnvironment(), ...(await this.#secrets(config.env)) };
    const { command, args, cwd } = config;
    // What it prints beside the protocol is its own affair, and may hold anything.
    return new StdioClientTransport({
      command,
      args,
      env,
      stderr: 'ignore',
      ...(cwd === undefined ? {} : { cwd }),
    });
  }

  async #secrets(names: Readonly<Record<string, string>>): Promise<Record<string, string>> {
    const read = Object.entries(names).map(async ([key, name]) => [key, await this.#secret(name)] as const);
    return Object.fromEntries(await Promise.all(read));
  }

  async #secret(name: string): Promise<string> {
    const value = await this.#options.context.secret(name);
    if (value !== undefined) return value;
    throw new KoraError(
      'PLUGIN_MCP_SECRET_MISSING',
      `the secret ${name} of server ${this.#options.name} is not said`,
      {
        fix: `say KORA_PLUGIN_MCP_${name}`,
      },
    );
  }

  async #failed(error: unknown, way: Promise<Client>): Promise<void> {
    if (this.#counted.has(way)) return;
    this.#counted.add(way);
    this.#failures += 1;
    this.#error = wordsOf(error).slice(0, 500);
    const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** (this.#failures - 1));
    this.#notBefore = this.#options.context.clock.now() + wait;
    if (this.#client === way || this.#client === undefined) await this.close();
  }

  #away(): Error {
    const again = new Date(this.#notBefore).toISOString();
    return new KoraError(
      'PLUGIN_MCP_AWAY',
      `MCP server ${this.#options.name} does not answer (${this.#error}); it is not asked again before ${again}`,
    );
  }
}

/** What failed, and what made it: "fetch failed" alone tells nobody what to mend. */
function wordsOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  return cause === undefined ? messageOf(error) : `${messageOf(error)}: ${wordsOf(cause)}`;
}

interface Answer {
  readonly isError?: boolean;
  readonly content?: readonly Readonly<Record<string, unknown>>[];
  readonly structuredContent?: unknown;
}

/** Pictures and files stay where they are: a model is told that they were there. */
function textOf({ content = [], structuredContent }: Answer): string {
  const parts = content.map((part) => {
    if (part['type'] === 'text') return String(part['text']);
    if (part['type'] === 'resource_link') return `[resource ${String(part['uri'])}]`;
    return `[${String(part['type'])}${typeof part['mimeType'] === 'string' ? ` of ${part['mimeType']}` : ''}, not shown]`;
  });
  if (parts.length > 0) return parts.join('\n');
  return structuredContent === undefined ? 'no answer' : JSON.stringify(structuredContent);
}

/** Whether the server itself answered with an error. */
async function isAnswer(error: unknown): Promise<boolean> {
  const { ProtocolError } = await import('@modelcontextprotocol/client');
  return error instanceof ProtocolError;
}
