import type { Scope } from './house.ts';

/** What a mutation asks of its caller, and whether it is told on the chain. */
export interface Need {
  readonly scope: Scope;
  /** False: it looks, rehearses or tries, and changes nothing of the operator's. */
  readonly deed: boolean;
}

const deed = (scope: Scope): Need => ({ scope, deed: true });
const look = (scope: Scope): Need => ({ scope, deed: false });

/**
 * Every mutation of the API, by its path under `/api`: a look at this list is the audit of who may do what. What is not
 * in it needs `admin`, and a test says so.
 */
const needs: Readonly<Record<string, Need>> = {
  '/stop': deed('stop'),
  '/down': deed('stop'),

  '/pause': deed('operate'),
  '/resume': deed('operate'),
  '/tickets': deed('operate'),
  '/tickets/bulk': deed('operate'),
  '/tickets/deed-many': deed('operate'),
  '/tickets/:id/cancel': deed('operate'),
  '/tickets/:id/retry': deed('operate'),
  '/tickets/:id/unblock': deed('operate'),
  '/tickets/:id/reassign': deed('operate'),
  '/tickets/:id/release': deed('operate'),
  '/tickets/:id/reprioritise': deed('operate'),
  '/tickets/:id/note': deed('operate'),
  '/daemons/:name/restart': deed('operate'),
  '/tasks/:name/run': deed('operate'),
  '/tasks/:name/cadence': deed('operate'),
  '/tasks/:name/reset': deed('operate'),
  '/tasks/:name/pause': deed('operate'),
  '/tasks/:name/resume': deed('operate'),
  '/probes/:name/run': deed('operate'),
  '/probe-windows': deed('operate'),
  '/probe-windows/:id/end': deed('operate'),
  '/incidents/:id/ack': deed('operate'),
  '/incidents/:id/silence': deed('operate'),
  '/incidents/:id/note': deed('operate'),
  '/fixes/try': deed('operate'),
  '/fixes/rehearse': look('operate'),
  '/alerts/:id/ack': deed('operate'),
  '/alerts/:id/snooze': deed('operate'),
  '/reason/ask': deed('operate'),
  '/reason/runs/:run/cancel': deed('operate'),
  '/inbound/:id/release': deed('operate'),
  '/inbound/:id/drop': deed('operate'),
  '/channels/:name/check': look('operate'),
  '/channels/:name/test': look('operate'),
  '/page/drill': deed('operate'),
  '/promotions/loops/:name/run': deed('operate'),
  '/boot/check': look('operate'),
  '/chain/checkpoint': deed('operate'),
  '/spend/reconcile': deed('operate'),
  '/spend/refresh': deed('operate'),
  '/spend/release': deed('operate'),
  '/plugins/:plugin/panels/:panel/actions/:action': deed('operate'),
  '/phrasebook/preview': look('read'),

  '/approvals/:id/approve': deed('approve'),
  '/approvals/:id/deny': deed('approve'),
  '/decisions/answer': deed('approve'),
  '/plugins/:id/approve': deed('approve'),
  '/promotions/:id/approve': deed('approve'),
  '/promotions/:id/reject': deed('approve'),
  '/promotions/:id/rollback': deed('approve'),
  '/promotions/:id/retry': deed('approve'),

  '/capabilities/grants': deed('admin'),
  '/capabilities/grants/:id/revoke': deed('admin'),
  '/worker-tokens': deed('admin'),
  '/worker-tokens/:id/revoke': deed('admin'),
  '/mcp-tokens': deed('admin'),
  '/mcp-tokens/:id/revoke': deed('admin'),
  '/config': deed('admin'),
  '/plugins/sync': deed('admin'),
  '/plugins/:id/disable': deed('admin'),
  '/plugins/:id/purge': deed('admin'),
  '/plugins/:plugin/config': deed('admin'),
  '/identities/use': deed('admin'),
  '/channels/:name/first': deed('admin'),
  '/channels/:name/setup': deed('admin'),
  '/phrasebook/edit': deed('admin'),
  '/phrasebook/revert': deed('admin'),
  '/artifacts/:artifact/remove': deed('admin'),
  '/backup': deed('admin'),
  '/db/bump-epoch': deed('admin'),
  '/chain/prune': deed('admin'),
  '/chain/consumers/:name/replay': deed('admin'),
  '/chain/consumers/:name/skip': deed('admin'),
  '/chain/consumers/:name/forget': deed('admin'),
  '/chain-events/:seq/redact': deed('admin'),

  '/pairing': look('admin'),
  // A session may always end itself: the route asks for more where it is another's.
  '/sessions/:session/revoke': deed('read'),
  '/sessions/revoke': deed('admin'),
};

const unlisted = deed('admin');
const patterns = Object.entries(needs).map(([path, need]) => ({
  path,
  need,
  matches: new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`),
}));

/** Every path of the list, as routes are written. */
export const listedPaths: readonly string[] = Object.keys(needs);

/** What a mutation at this path needs, as it is listed or as it was sent; undefined: nobody listed it. */
export function listedNeed(path: string): Need | undefined {
  return (
    patterns.find((each) => each.path === path)?.need ??
    patterns.find(({ matches }) => matches.test(path))?.need
  );
}

/** What a request needs: a read `read`, a mutation what the list says, and what it does not know `admin`. */
export function needOf(method: string, path: string): Need {
  if (method !== 'POST') return look('read');
  return listedNeed(path.replace(/^\/api/, '')) ?? unlisted;
}
