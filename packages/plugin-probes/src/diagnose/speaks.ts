import type { CauseClass } from '../scene/contract.ts';
import type { DecidingLine } from './lines.ts';

/**
 * Words of which a line has one that is evidence for a cause. They are wide: a line with one of them need not prove the
 * cause, but a line without any of them is about something else. A cause that shows in no words of its own has none here.
 */
const words: Readonly<Partial<Record<CauseClass, RegExp>>> = {
  out_of_memory: /oom|memory|heap|kill/i,
  missing_executable: /exec|not found|no such|command|spawn|binary|path/i,
  image_pull: /image|pull|manifest|registry/i,
  certificate_expired: /cert|tls|ssl|x509|expire|valid/i,
  dependency_refused: /refus|connect|ECONN|reach|listen/i,
  script_error: /syntax|unexpected|script|parse|unterminated|unbound/i,
  capacity: /capacity|full|limit|too many|room|holds|max/i,
  unschedulable: /schedul|insufficient|available|taint|place|node|host/i,
  missing_configuration: /config|setting|env|variable|missing|not set|unset|required|secret|→/i,
  pool_exhausted: /pool|connection|slot|waiting/i,
  rate_limited: /rate|limit|429|too many|throttl|quota/i,
  memory_growth: /memory|heap|rss|resident|climb/i,
  configuration_change: /chang|deploy|config|setting|flag|appl|reload|release|revision|scaled|updat|→/i,
  timeout_rate: /time|deadline|slow|wait/i,
  recurring_window: /between|every|daily|day|hour|:\d\d/i,
  slow_path: /\bms\b|\bs\b|slow|took|takes|duration|latency|second/i,
  latency_trend: /\bms\b|\bs\b|slow|took|takes|duration|latency|second/i,
  dns: /resol|dns|lookup|name|EAI_AGAIN|ENOTFOUND|NXDOMAIN/i,
  network_policy: /polic|firewall|egress|ingress|blocked|denied|dropped/i,
  disk_full: /disk|space|volume|ENOSPC|file ?system|quota|inode|full|extend|write/i,
  process_gone: /process|run|exit|gone|stopp|kill|ended|dead|down|refus|start|signal/i,
  auth: /auth|credential|token|key|password|40[13]|denied|permission|login/i,
  http_status: /\b[45]\d\d\b|status|answer/i,
};

/**
 * Whether something that was cited is about the cause at all. What was read by a tool is not among the lines that were
 * shown: it is not known here what it says, and it is not held against the claim.
 */
export function speaksOf(
  cause: CauseClass,
  cited: readonly string[],
  shown: readonly DecidingLine[],
): boolean {
  const wanted = words[cause];
  if (wanted === undefined) return true;
  return cited.some((id) => {
    const lines = shown.filter(({ evidenceId }) => evidenceId === id);
    return lines.length === 0 || lines.some(({ text }) => wanted.test(text));
  });
}
