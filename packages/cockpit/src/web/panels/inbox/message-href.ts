import type { LogRow } from './log.ts';

/** How a message is named in its address: `out-12`, `in-45`, `refused-77`; null for what has no page. */
export function messageId({
  messageId: told,
  inboundId,
  seq,
}: Pick<LogRow, 'messageId' | 'inboundId' | 'seq'>): string | null {
  if (told !== null) return `out-${told}`;
  if (inboundId !== null) return `in-${inboundId}`;
  return seq === null ? null : `refused-${seq}`;
}

/** Where a message that went out is shown. */
export function toldHref(told: number): string {
  return `/inbox/out-${told}`;
}

const pages: Readonly<Record<string, (id: string) => string>> = {
  incident: (id) => `/incidents/${id}`,
  alert: (id) => `/alerts/${id}`,
  wake: (id) => `/wakes/${encodeURIComponent(id)}`,
  ticket: (id) => `/tickets/${id}`,
  approval: (id) => `/approvals/${id}`,
  proposal: (id) => `/promotions/${id}`,
  run: (id) => `/reasoning/${encodeURIComponent(id)}`,
  probe: (id) => `/probes/${encodeURIComponent(id)}`,
  message: (id) => `/inbox/${id}`,
  event: (id) => `/events?seq=${id}`,
  // A decision has no page of its own: what waits for one stands there.
  decision: () => '/approvals',
};

/** Where a thing of another room is shown; null for what has no page of its own. */
export function aboutHref(kind: string, id: string): string | null {
  return pages[kind]?.(id) ?? null;
}
