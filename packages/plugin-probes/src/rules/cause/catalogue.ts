import type { CauseClass } from '../../scene/contract.ts';

/** A way in which systems say what is wrong with them. */
export interface Saying {
  readonly cause: CauseClass;
  /** Any of them. No pattern backtracks over more than a bounded stretch. */
  readonly patterns: readonly RegExp[];
  /** A text that only looks like it. */
  readonly unless?: RegExp;
  /** Says what is wrong, before the quotation. */
  readonly says: string;
  readonly fix: string;
}

/**
 * In the order of how much they say: the first that fits a text is its cause. A pool that waits too long for a
 * connection is a pool, not a timeout; a key that is refused for its quota is a limit, not a login.
 */
export const sayings: readonly Saying[] = [
  {
    cause: 'out_of_memory',
    patterns: [
      /\boom[-_ ]?kill/i,
      /out of memory: kill/i,
      /cgroup out of memory/i,
      /\bkilled process \d+/i,
      /heap out of memory/i,
      /java\.lang\.OutOfMemoryError/,
      /\b(?:result|reason)[=: ]+["']?oom/i,
    ],
    says: 'was killed for its memory',
    fix: 'raise its memory limit, or find what holds the memory before starting it again',
  },
  {
    cause: 'image_pull',
    patterns: [
      /(?:failed|error|unable|cannot|could not|back-off) (?:to )?pull(?:ing)?\b.{0,60}image/i,
      /ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull/,
      /manifest (?:for .{1,200} )?(?:not found|unknown)/i,
      /pull access denied/i,
    ],
    says: 'has an image that cannot be pulled',
    fix: 'correct the image reference or the registry credentials, then start it again',
  },
  {
    cause: 'certificate_expired',
    patterns: [
      /cert(?:ificate)?s?\b.{0,80}\b(?:has |have |is |are |was |already )?expired\b/i,
      /CERT_HAS_EXPIRED|certificate_expired|ERR_CERT_DATE_INVALID/i,
      /\bexpired\b.{0,20}\bcert(?:ificate)?\b/i,
      /certificate is not (?:yet )?valid/i,
    ],
    unless: /(?:not (?:yet )?expired|will expire|expires in \d)/i,
    says: 'met a certificate that has expired',
    fix: 'renew the certificate, and reload what presents it',
  },
  {
    cause: 'disk_full',
    patterns: [
      /no space left on device/i,
      /\bENOSPC\b/,
      /\b(?:disk|volume|file ?system|partition)\b.{0,30}\b(?:is |was )?full\b/i,
      /disk quota exceeded/i,
      /could not extend file/i,
    ],
    says: 'has no room left to write',
    fix: 'free or add space, then see that writing goes on',
  },
  {
    cause: 'capacity',
    patterns: [
      /too many pods/i,
      /\b(?:at|over|reached|exceed\w*)\b.{0,20}\bcapacity\b/i,
      /capacity (?:exceeded|reached|exhausted)/i,
      /too many open files|EMFILE|ENFILE/i,
      /max(?:imum)?(?: number of)? (?:pods|workers|processes|sessions|instances)\b.{0,30}(?:reached|exceeded)/i,
    ],
    says: 'has reached its capacity',
    fix: 'add capacity, or move something away from it',
  },
  {
    cause: 'unschedulable',
    patterns: [
      /\d+\s?\/\s?\d+ (?:nodes|hosts|workers) (?:are|is) available/i,
      /\binsufficient (?:cpu|memory|ephemeral-storage|[\w.-]+\/[\w.-]+|gpus?\b)/i,
      /FailedScheduling|\bunschedulable\b/i,
      /didn'?t match .{0,60}(?:selector|affinity)/i,
      /untolerated taint/i,
      /no (?:node|host|worker)s? (?:\w+ ){0,4}(?:enough|resource|match|satisf)/i,
    ],
    says: 'finds no host that could run it',
    fix: 'add a host with what it asks for, or ask for less',
  },
  {
    cause: 'script_error',
    patterns: [
      /syntax error/i,
      /\bunexpected ["'`]?[{}()[\];]/i,
      /unexpected (?:token|end of file|end of input|indent|EOF while looking)/i,
      /unterminated (?:quoted )?string|unmatched ['"`([{]/i,
      /\b(?:SyntaxError|IndentationError|TabError)\b/,
      /unbound variable|bad substitution|illegal option/i,
    ],
    says: 'cannot be run as it is written',
    fix: 'correct the script at the place that the message names',
  },
  {
    cause: 'missing_executable',
    patterns: [
      /executable (?:file )?not found/i,
      /\b(?:Cannot find module|No module named|ModuleNotFoundError|ClassNotFoundException)\b/,
      /\bexec\b.{0,160}(?:no such file|not found|format error)/i,
      /203\/EXEC/,
      /failed to (?:execute|spawn|start|locate|find)\b.{0,120}(?:no such file or directory|executable|ENOENT)/i,
      /\bspawn\b.{1,120}\bENOENT\b/,
      /\b(?:command not found|is not recognized as an internal)/i,
      /\bexit(?:ed)?(?: with)?(?: code| status)?[ :=]+127\b/i,
      /^(?:\/\S+\/)?(?:sh|bash|ash|dash|zsh): (?:line )?(?:\d+: )?\S+: not found/,
    ],
    says: 'is told to run something that is not there',
    fix: 'correct the command, or put the executable into the image or path',
  },
  {
    cause: 'missing_configuration',
    patterns: [
      /\b(?:missing|unset|undefined|no|requires?|required|without|expected|needs?)\b[^.;]{0,30}\b(?:env(?:ironment)?(?: variables?| vars?)?|configuration|config(?: key| value| option)?|setting)\b/i,
      /\benv(?:ironment)?[ _](?:variable|var)s?\b.{0,80}\b(?:not set|unset|missing|required|undefined|not defined|empty|not found|must be set)/i,
      /\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b["'`]?.{0,30}\b(?:not set|unset|missing|required|undefined|not defined|not provided|not configured|must be set|must not be empty|is empty)/,
      /\b(?:missing|required|unset|undefined|KeyError|NoneType|not set|must set)\b[^A-Z]{0,30}\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/,
      /couldn'?t find key \S+ in (?:ConfigMap|Secret)/i,
      /\b(?:configmap|secret) ["']?[\w./-]+["']? not found/i,
      /CreateContainerConfigError/,
    ],
    says: 'misses a setting that it needs',
    fix: 'set what the message names, then start it again',
  },
  {
    cause: 'pool_exhausted',
    patterns: [
      /\bpool\b.{0,80}\b(?:exhaust|is full|full\b|timeout|timed out|no (?:available|free|idle)|limit|saturat|depleted|starv)/i,
      /\b(?:exhausted|depleted|saturated|waiting (?:for|on)|acquir\w*|no (?:free|idle|available))\b.{0,50}\b(?:connection|pool)\b.{0,40}\bpool\b/i,
      /\bexhausted\b.{0,40}\bpool\b/i,
      /too many (?:clients|connections)/i,
      /remaining connection slots/i,
      /no (?:free|idle|available) (?:database |db )?connections?\b/i,
    ],
    says: 'has no connection left in its pool',
    fix: 'find who holds the connections; enlarge the pool only if the other side has room',
  },
  {
    cause: 'rate_limited',
    patterns: [/\b429\b/, /\brate.?limit/i, /too many requests/i, /\bthrottl(?:ed|ing)\b/i],
    says: 'refuses requests because there are too many',
    fix: 'slow down or block whoever asks so often; raise the limit only for good reason',
  },
  {
    cause: 'network_policy',
    patterns: [
      /network.?polic(?:y|ies)\b.{0,60}\b(?:den(?:y|ied|ies)|block|drop|reject)/i,
      /\b(?:denied|dropped|blocked|rejected) by\b.{0,40}\b(?:polic(?:y|ies)|firewall)/i,
    ],
    says: 'is cut off by a rule of the network',
    fix: 'allow what it needs in the rule that the message names',
  },
  {
    cause: 'auth',
    patterns: [
      /authentication (?:failed|failure)|failed to authenticate/i,
      /\binvalid (?:api.?key|credentials?|password|(?:access |bearer |auth )?token|signature)/i,
      /\bunauthori[sz]ed\b/i,
      /(?:HTTP(?:\/[\d.]+)?|status(?:.?code)?|returned|response)["'\s:=]{1,3}40[13]\b/i,
      /\b(?:credentials?|token|api.?key)\b.{0,30}\b(?:expired|revoked|rejected)/i,
    ],
    says: 'is refused for its credentials',
    fix: 'renew or correct the credentials that it uses',
  },
  {
    cause: 'dns',
    patterns: [
      /\bno such host\b/i,
      /\b(?:name|host ?name|dns)\b.{0,20}\b(?:resolution|not known|resolve|lookup)\b/i,
      /\bENOTFOUND\b|\bEAI_AGAIN\b|\bNXDOMAIN\b|\bSERVFAIL\b|getaddrinfo/,
      /could not resolve|cannot resolve|unable to resolve|failed to resolve/i,
    ],
    says: 'cannot resolve a name',
    fix: 'look the name up from where it runs, to tell its record from the resolver and from the network between',
  },
  {
    cause: 'dependency_refused',
    patterns: [/\bconnect(?:ion)?\b.{0,120}\brefused\b/i, /\bECONNREFUSED\b/, /actively refused/i],
    says: 'is refused by what it depends on',
    fix: 'see whether what refuses it runs, at the address in that line',
  },
];

/** What a text says is wrong; null when it says nothing that is known. */
export function sayingOf(text: string): Saying | null {
  for (const saying of sayings) {
    if (saying.unless?.test(text) === true) continue;
    if (saying.patterns.some((pattern) => pattern.test(text))) return saying;
  }
  return null;
}

/** Texts that point at somebody else: what they complain about broke before them. */
export const pointsElsewhere =
  /time[d]?.?out|deadline exceeded|\b50[0234]\b|bad gateway|service unavailable|gateway time|upstream|downstream|failed to (?:call|reach|fetch|connect|contact)|(?:call|request)(?:s|ing)? to \S+ failed|unreachable|connection (?:reset|closed|refused|aborted)|ECONN|EPIPE|circuit|retr(?:y|ies|ying)|fallback|degraded|unavailable/i;

const fileEnd = /\.(?:go|js|mjs|ts|tsx|py|java|rb|rs|c|cc|cpp|kt|php|sh)$/i;

/** The `host:port` that a text is about: the last before the complaint, else the first. */
export function endpointIn(text: string): string | null {
  const complaint = text.search(/refused|ECONNREFUSED/i);
  let found: string | null = null;
  for (const match of text.matchAll(
    /(?<![\w.-])((?:\d{1,3}\.){3}\d{1,3}|\[[0-9a-fA-F:]{2,39}\]|[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,7}):(\d{2,5})(?!\d)/g,
  )) {
    const host = match[1] ?? '';
    if (!/[A-Za-z[]|\d\.\d/.test(host) || fileEnd.test(host)) continue;
    if (found !== null && complaint >= 0 && match.index > complaint && !/ECONNREFUSED/.test(text)) break;
    found = `${host}:${match[2] ?? ''}`;
  }
  return found;
}

const hostWord = /\b(?:https?:\/\/)?((?:[a-z0-9][a-z0-9-]{0,62}\.){1,6}[a-z]{2,12})(?::(\d{2,5}))?/gi;
const ownNames =
  /\.(?:internal|local|lan|svc|cluster|localdomain|home|intra|corp|private|go|js|mjs|ts|tsx|py|java|rb|rs|log|json|yaml|yml|sh|service|sock|conf|c|cc|cpp|kt|php|socket)$/i;

/** Public host names that a text names: of machines that belong to others. */
export function publicHostsIn(text: string): readonly string[] {
  const hosts: string[] = [];
  for (const [, host = '', port] of text.matchAll(hostWord)) {
    const isWeb = port === undefined || port === '443' || port === '80';
    if (isWeb && !ownNames.test(host) && !/^(?:javax?|org|com|io|net|k8s)\./i.test(host)) {
      hosts.push(host.toLowerCase());
    }
  }
  return hosts;
}
