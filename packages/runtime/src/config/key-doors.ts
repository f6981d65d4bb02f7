/**
 * Why a page may not write a key: what stands there is run, is read as code or as a file, is listened on, says which store
 * holds the truth and what proves it, opens something, or says who is believed.
 */
export type FileOnly = 'command' | 'code' | 'path' | 'address' | 'store' | 'proof' | 'secret' | 'trust';

const page = 'page';

/**
 * Every key, and whether a page that is signed in may write it. What is not here may not: whoever adds a key decides, and
 * a test says so.
 */
const doors: Readonly<Record<string, typeof page | FileOnly>> = {
  workspace: 'store',
  'store.url': 'secret',
  'store.migrationUrl': 'secret',
  'store.connections': 'store',
  'store.statementTimeoutMs': 'store',
  'store.lockTimeoutMs': 'store',
  'store.tls.mode': 'store',
  'store.tls.caFile': 'path',
  'store.tls.certFile': 'path',
  'store.tls.keyFile': 'path',
  'store.tls.serverName': 'address',
  'chain.checkpoint.everyEvents': 'proof',
  'chain.checkpoint.everySeconds': 'proof',
  'chain.checkpoint.key': 'secret',
  'chain.checkpoint.publicKeys': 'proof',
  'chain.anchors': 'command',
  'health.cadenceSeconds': page,
  'alerts.thresholds.deadLetters': page,
  'alerts.thresholds.capabilityDenials': page,
  'alerts.thresholds.reasoningErrors': page,
  'alerts.thresholds.failedReplies': page,
  'alerts.cooldownSeconds': page,
  'alerts.receiptSeconds': page,
  'alerts.burst': page,
  'alerts.settleSeconds': page,
  'alerts.escalation.afterSeconds': page,
  'alerts.escalation.repeatSeconds': page,
  'alerts.escalation.times': page,
  'alerts.escalation.channels': page,
  'alerts.routes.direct': page,
  'alerts.routes.critical': page,
  'alerts.routes.warning': page,
  'alerts.routes.also': page,
  'alerts.routes.digest': page,
  'alerts.digestHour': page,
  'alerts.deadMan.url': 'secret',
  'alerts.deadMan.method': 'address',
  'alerts.deadMan.everySeconds': page,
  'alerts.deadMan.timeoutSeconds': page,
  'messages.channels': page,
  'messages.quietHours.from': page,
  'messages.quietHours.to': page,
  'messages.quietHours.zone': page,
  'messages.quietHours.warnings': page,
  'messages.perMinute': page,
  'messages.staleMinutes': page,
  'messages.burst': page,
  'http.host': 'address',
  'http.port': 'address',
  'http.guestPort': 'address',
  'plugins.mode': 'code',
  'plugins.allow': 'code',
  'plugins.deny': 'code',
  'plugins.trusted': 'code',
  'plugins.watch': 'code',
  'plugins.config': 'code',
  'identity.order': 'code',
  'spend.poolUsd': page,
  'spend.criticalShare': page,
  'spend.pacing': page,
  'spend.limits.dayUsd': page,
  'spend.limits.ticketUsd': page,
  'spend.limits.routes': page,
  'spend.limits.plugins': page,
  'spend.prices': page,
  'reason.engine': 'code',
  'reason.keepDays': page,
  'tasks.keepDays': page,
  'tasks.keepRuns': page,
  'tickets.keepDays': page,
  'tickets.retryCeiling': page,
  'tools.messagesPerHour': page,
  'tools.ticketsPerHour': page,
  'artifacts.keepDays': page,
  'artifacts.totalMb': page,
  'artifacts.pluginMb': page,
  'inbound.concurrency': page,
  'inbound.untrusted': 'trust',
  'inbound.keepDays': page,
  'log.level': page,
};

const words: Readonly<Record<FileOnly, string>> = {
  command: 'it may name a command that is run',
  code: 'it says which code runs here, and how far that is trusted',
  path: 'it names a file of this machine',
  address: 'it says where this runtime listens, or whom it talks to',
  store: 'it says which store is served, and how',
  proof: 'it says what proves that the event log is whole',
  secret: 'it opens something: only a reference to it is written, and not from a page',
  trust: 'it says who is believed',
};

/** Undefined where a page may write the key; else why not. A key that nobody decided about may not. */
export function closedToPages(key: string): string | undefined {
  const door = Object.hasOwn(doors, key) ? doors[key] : undefined;
  if (door === page) return undefined;
  return door === undefined ? 'nobody has said that a page may write it' : words[door];
}

/** The keys that were decided about. */
export const decidedKeys: readonly string[] = Object.keys(doors);
