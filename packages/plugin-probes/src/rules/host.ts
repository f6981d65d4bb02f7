export const thisMachine = 'this machine';

const loopback = /^(localhost|127(\.\d+){3}|::1)$/;
/** Kinds that look at the machine Kora runs on, whatever their target says. */
const localKinds = ['disk', 'memory', 'process', 'load', 'systemd'];

/** The host that a probe depends on; null when its target does not name one. */
export function hostOf(probe: { readonly kind: string; readonly target: string }): string | null {
  if (localKinds.includes(probe.kind)) return thisMachine;
  const name = nameIn(probe.target);
  if (name === null) return null;
  return loopback.test(name) ? thisMachine : name;
}

function nameIn(target: string): string | null {
  if (target.includes('://')) return URL.canParse(target) ? bare(new URL(target).hostname) : null;
  // `host:port`, the form of tcp targets; a URL parser would take the host for a scheme.
  const found = /^(\[[^\]]+\]|[^\s/:[\]]+):\d+$/.exec(target)?.[1];
  return found === undefined ? null : bare(found.toLowerCase());
}

function bare(host: string): string | null {
  const name = host.replace(/^\[|\]$/g, '');
  return name === '' ? null : name;
}
