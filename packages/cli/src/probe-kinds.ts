import { basename } from 'node:path';
import { usage } from './fault.ts';

/** What the target of a kind is called in its help, and what of the configuration it says. */
interface Kind {
  /** Undefined: it takes none. */
  readonly target?: string;
  read(target: string): Readonly<Record<string, unknown>> | undefined;
  /** What a probe of that target would be called. */
  nameOf?(target: string): string;
}

const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).hostname : address);
const hostOfEndpoint = (endpoint: string): string => endpoint.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
const none: Kind = { read: (target) => (target === '' ? {} : undefined) };
const plain = (key: string, target: string): Kind => ({
  target,
  read: (text) => (text === '' ? undefined : { [key]: text }),
});

/** Every kind that the bundled probes know, in the order of their pages. */
const kinds: Readonly<Record<string, Kind>> = {
  http: { ...plain('url', 'a URL'), nameOf: hostOf },
  tcp: { target: 'HOST:PORT', read: (text) => endpointOf(text), nameOf: hostOfEndpoint },
  tls: { target: 'HOST or HOST:PORT', read: (text) => endpointOf(text, {}), nameOf: hostOfEndpoint },
  dns: { ...plain('host', 'a name'), nameOf: (name) => name },
  disk: { ...plain('path', 'a path'), nameOf: (path) => `disk-${basename(path) || 'root'}` },
  memory: none,
  load: none,
  process: plain('match', 'text of a command line'),
  systemd: { ...plain('unit', 'a unit'), nameOf: (unit) => unit.replace(/\.service$/, '') },
  postgres: {
    ...plain('url', 'postgres://USER@HOST:PORT/DATABASE'),
    nameOf: (url) => (URL.canParse(url) ? new URL(url).pathname.slice(1) : 'postgres'),
  },
  command: {
    target: 'the whole path of a program',
    read: (program) => (program === '' ? undefined : { argv: [program] }),
    nameOf: (program) => basename(program),
  },
  vercel: none,
  sentry: plain('organization', "an organization's slug"),
  doppler: none,
  supabase: plain('url', 'https://REF.supabase.co'),
  fly: {
    target: 'APP or APP,APP',
    read: (apps) => (apps === '' ? undefined : { apps: apps.split(',').map((app) => app.trim()) }),
  },
};

export const probeKinds: readonly string[] = Object.keys(kinds);

/** The keys that kind and target of a probe say. Throws KORA_USAGE. */
export function keysOf(
  kind: string,
  target: string,
  given: readonly string[],
): Readonly<Record<string, unknown>> {
  const known = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (known === undefined)
    throw usage(`there is no kind of probe ${JSON.stringify(kind)}`, `one of ${probeKinds.join(', ')}`);
  const read = known.read(target);
  if (read !== undefined) return { kind, ...read };
  // Where each key is said by itself the target may be left out.
  if (target === '' && given.length > 0) return { kind };
  const wanted = known.target === undefined ? 'no target' : `${known.target} as its target`;
  throw usage(`a probe of kind ${kind} takes ${wanted}`, 'kora probe add --help');
}

/** A name for a probe nobody named, in the letters that a name may have. */
export function nameFor(kind: string, target: string): string {
  const wanted = target === '' ? '' : (kinds[kind]?.nameOf?.(target) ?? '');
  const name = wanted
    .toLowerCase()
    .replaceAll(/[^a-z0-9_.-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  if (name === '') return kind;
  return (/^[a-z]/.test(name) ? name : `${kind}-${name}`).slice(0, 64);
}

function endpointOf(
  text: string,
  without?: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | undefined {
  const [, host, port] = /^(\[[^\]]+\]|[^:/\s]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host === undefined) return undefined;
  const bare = host.replace(/^\[|\]$/g, '');
  if (port !== undefined) return { host: bare, port: Number(port) };
  return without === undefined ? undefined : { host: bare, ...without };
}
