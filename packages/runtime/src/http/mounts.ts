import { readFile, realpath, stat } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import type { Context } from 'hono';
import { fault } from '../fault/index.ts';
import type { HttpMountSpec } from '../plugin/index.ts';
import { callMount } from './mount/call.ts';
import type { CallOptions } from './mount/call.ts';

interface Mount extends HttpMountSpec {
  readonly pluginName: string;
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};
const encodings = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;
/** Vite writes a hash into the names of built assets: such a file never changes. */
const hashed = /-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/;

/** What plugins serve on one port: folders of static files, and answers of their own. */
export class Mounts {
  readonly #mounts = new Map<string, Mount>();

  /** Throws KORA_PLUGIN_INVALID when the path is taken, or there is nothing to serve at it. */
  add(spec: HttpMountSpec, pluginName: string): () => void {
    const holder = this.#mounts.get(spec.path);
    if (spec.directory === undefined && spec.handle === undefined)
      throw fault(
        'KORA_PLUGIN_INVALID',
        `mount ${spec.path} of plugin ${pluginName} has neither directory nor handle`,
      );
    if (holder !== undefined || !spec.path.startsWith('/')) {
      const why = holder === undefined ? 'must begin with /' : `is ${holder.pluginName}'s`;
      throw fault('KORA_PLUGIN_INVALID', `mount ${spec.path} of plugin ${pluginName} ${why}`);
    }
    const handle = spec.handle?.bind(spec);
    this.#mounts.set(spec.path, { ...spec, ...(handle && { handle }), pluginName });
    return () => {
      this.#mounts.delete(spec.path);
    };
  }

  /** Whether something is mounted at the root: then there is a page to open. */
  get hasPage(): boolean {
    return this.#mounts.has('/');
  }

  /** Answers a path from the longest mount that covers it. Throws KORA_NOT_FOUND. */
  async serve(context: Context, options: CallOptions): Promise<Response> {
    const path = decoded(context.req.path);
    const mount = [...this.#mounts.values()]
      .filter((each) => each.path === '/' || path === each.path || path.startsWith(`${each.path}/`))
      .sort((a, b) => b.path.length - a.path.length)[0];
    if (mount === undefined) throw fault('KORA_NOT_FOUND', `nothing is served at ${path}`);
    const below = (of: string): string => (mount.path === '/' ? of : of.slice(mount.path.length));
    const isRead = context.req.method === 'GET' || context.req.method === 'HEAD';
    const file = isRead ? await fileIn(mount.directory, below(path)) : undefined;
    if (file !== undefined) return send(context, file);
    if (mount.handle !== undefined)
      // What is below the mount as it was sent: an encoded slash is the plugin's to read.
      return callMount(context, mount, encodedBelow(context.req.path, mount.path), options);
    const asksForPage = (context.req.header('accept') ?? '').includes('text/html');
    const own = isRead ? await fallback(mount, path, asksForPage) : undefined;
    if (own === undefined) throw fault('KORA_NOT_FOUND', `nothing is served at ${path}`);
    return send(context, own);
  }
}

/** The mount's own path may have been sent encoded; then only the decoded one can be cut. */
function encodedBelow(path: string, mount: string): string {
  if (mount === '/') return path;
  return path.startsWith(mount) ? path.slice(mount.length) : decoded(path).slice(mount.length);
}

/** Throws KORA_NOT_FOUND on a path that decodes to nothing. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw fault('KORA_NOT_FOUND', `nothing is served at ${path}`, { cause });
  }
}

/** Undefined unless the path names a real file whose real place is inside the folder. */
async function fileIn(directory: string | undefined, path: string): Promise<string | undefined> {
  if (directory === undefined) return undefined;
  const file = join(directory, normalize(path));
  try {
    const [real, root] = await Promise.all([realpath(file), realpath(directory)]);
    if (!real.startsWith(root + sep)) return undefined;
    return (await stat(real)).isFile() ? real : undefined;
  } catch {
    return undefined; // absent and unreadable files are equally not served
  }
}

/**
 * A page owns its routes, but a missing asset is missing: a path with an ending falls back only for a browser that asks for a
 * page. The names of tasks and probes have dots in them, and each has an address.
 */
async function fallback(mount: Mount, path: string, asksForPage: boolean): Promise<string | undefined> {
  if (mount.fallback === undefined || (extname(path) !== '' && !asksForPage)) return undefined;
  return fileIn(mount.directory, mount.fallback);
}

async function send(context: Context, file: string): Promise<Response> {
  const accepted = context.req.header('accept-encoding') ?? '';
  for (const [encoding, ending] of encodings) {
    if (!accepted.includes(encoding)) continue;
    const packed = await readFile(file + ending).catch(() => undefined);
    if (packed === undefined) continue;
    context.header('content-encoding', encoding);
    return answer(context, file, packed);
  }
  return answer(context, file, await readFile(file));
}

function answer(context: Context, file: string, content: Buffer): Response {
  context.header('content-type', types[extname(file)] ?? 'application/octet-stream');
  context.header('cache-control', hashed.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache');
  context.header('vary', 'accept-encoding');
  return context.body(new Uint8Array(content));
}
