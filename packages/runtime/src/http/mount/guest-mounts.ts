import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import type { Context } from 'hono';
import type { Clock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import type { HttpMountSpec } from '../../plugin/index.ts';
import { closeServer, listen, urlOf } from '../listen.ts';
import { Mounts } from '../mounts.ts';
import { answerProblem } from '../problem.ts';

export interface GuestMountsOptions {
  readonly host: string;
  /** 0 asks the system for a free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly onError: (where: string, error: unknown) => void;
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** Requests of one plugin that are answered at once: a flood waits outside. */
const atOnce = 32;
const mostConnections = 256;
const requestMs = 30_000;

/**
 * What strangers' pages are told. Sandboxed, so that a script on it has no origin: it sees no cookie of this host, which
 * knows no port, and asks the operator's port as somebody else.
 */
const policy = "sandbox allow-scripts allow-forms allow-popups allow-downloads; frame-ancestors 'none'";

/** The mounts of untrusted plugins, on a port of their own that is opened for the first of them. */
export class GuestMounts {
  readonly #options: GuestMountsOptions;
  readonly #mounts = new Mounts();
  readonly #paths = new Map<string, Set<string>>();
  readonly #underWay = new Map<string, number>();
  #listening: Promise<{ readonly server: Server; readonly port: number }> | undefined;
  #port: number | undefined;

  constructor(options: GuestMountsOptions) {
    this.#options = options;
  }

  /** Null while no untrusted plugin has a mount. */
  get url(): string | null {
    return this.#port === undefined ? null : urlOf(this.#options.host, this.#port);
  }

  /** Where the mounts of a plugin are. */
  urlsOf(pluginName: string): string[] {
    const { url } = this;
    return url === null ? [] : [...(this.#paths.get(pluginName) ?? [])].map((path) => `${url}${path}`);
  }

  /** Throws KORA_PLUGIN_INVALID when the path is taken, and KORA_PORT_TAKEN. */
  async add(spec: HttpMountSpec, pluginName: string): Promise<() => void> {
    const path = `/plugins/${pluginName}${spec.path === '/' ? '' : spec.path}`;
    // An object of any class keeps its functions by being asked for them.
    const handle = spec.handle?.bind(spec);
    const remove = this.#mounts.add({ ...spec, path, ...(handle && { handle }) }, pluginName);
    const paths = this.#paths.get(pluginName) ?? new Set<string>();
    this.#paths.set(pluginName, paths.add(path));
    const undo = (): void => {
      paths.delete(path);
      remove();
    };
    try {
      await this.#listen();
    } catch (error) {
      undo();
      throw error;
    }
    return undo;
  }

  async close(): Promise<void> {
    const listening = await this.#listening?.catch(() => undefined);
    if (listening !== undefined) await closeServer(listening.server);
  }

  async #listen(): Promise<void> {
    this.#listening ??= this.#open();
    try {
      this.#port = (await this.#listening).port;
    } catch (error) {
      this.#listening = undefined;
      throw error;
    }
  }

  async #open(): Promise<{ readonly server: Server; readonly port: number }> {
    const { host, port, onError } = this.#options;
    const server = createAdaptorServer({ fetch: this.#application().fetch }) as Server;
    server.requestTimeout = requestMs;
    server.maxConnections = mostConnections;
    const fix = 'set http.guestPort in kora.json; 0 takes any free port';
    return { server, port: await listen(server, { host, port, fix, onError }) };
  }

  #application(): Hono {
    const { onError } = this.#options;
    const app = new Hono();
    app.onError((error, context) => answerProblem(context, error, (inner) => onError('guest mounts', inner)));
    app.all('*', (context) => this.#answer(context));
    return app;
  }

  async #answer(context: Context): Promise<Response> {
    const { method, path } = context.req;
    secure(context);
    if (!methods.has(method))
      throw fault('KORA_REQUEST_INVALID', `method ${method} is not offered`, { details: { status: 405 } });
    this.#checkHost(context);
    const plugin = /^\/plugins\/([^/]+)/.exec(path)?.[1] ?? '';
    const before = this.#underWay.get(plugin) ?? 0;
    if (before >= atOnce)
      throw fault('KORA_NOT_READY', `${plugin} has ${atOnce} requests under way`, {
        details: { status: 503 },
      });
    this.#underWay.set(plugin, before + 1);
    try {
      return await this.#mounts.serve(context, { ...this.#options, credentials: false });
    } finally {
      const left = (this.#underWay.get(plugin) ?? 1) - 1;
      if (left > 0) this.#underWay.set(plugin, left);
      else this.#underWay.delete(plugin);
    }
  }

  /** Exact: a name that resolves to loopback is how another site's script would read what is served here. */
  #checkHost(context: Context): void {
    const host = context.req.header('host') ?? '';
    const names = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${this.#port}`);
    if (!names.includes(host))
      throw fault('KORA_HOST_REFUSED', 'this host name is not served here', { fix: `open ${this.url}` });
  }
}

function secure(context: Context): void {
  const headers = {
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'x-frame-options': 'DENY',
    'cache-control': 'no-store',
  };
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
}
