import { KoraError, messageOf } from '@kora/runtime/plugin';

/** What Slack asks for beyond that is not waited for (it once was, whatever it said). */
const longestRetryMs = 600_000;
const unsaidRetryMs = 30_000;

/** What does not become better by itself: the same call would be refused again. */
const lasting: ReadonlySet<string> = new Set([
  'access_denied',
  'account_inactive',
  'app_missing_action_url',
  'as_user_not_supported',
  'cannot_dm_bot',
  'channel_not_found',
  'ekm_access_denied',
  'enterprise_is_restricted',
  'invalid_arguments',
  'invalid_auth',
  'invalid_blocks',
  'is_archived',
  'messages_tab_disabled',
  'missing_scope',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_permission',
  'not_allowed_token_type',
  'not_authed',
  'not_in_channel',
  'org_login_required',
  'restricted_action',
  'team_access_not_granted',
  'team_disabled',
  'token_expired',
  'token_revoked',
  'user_disabled',
  'user_not_found',
  'user_not_visible',
  'user_removed_from_team',
  'users_not_found',
]);

/** Slack's own word for why it refused a call; undefined where the failure was another one. */
export function slackError(error: unknown): string | undefined {
  if (codeOf(error) !== 'slack_webapi_platform_error') return undefined;
  const said: unknown = Reflect.get(dataOf(error), 'error');
  return typeof said === 'string' ? said.slice(0, 100) : undefined;
}

/** The scope whose lack Slack names. */
export function neededScope(error: unknown): string | undefined {
  const needed: unknown = Reflect.get(dataOf(error), 'needed');
  return typeof needed === 'string' ? needed : undefined;
}

/** Whether Slack itself refused it, and would refuse it again. */
export function isLasting(error: unknown): boolean {
  const said = slackError(error);
  return said !== undefined && lasting.has(said);
}

/** Never over this channel. */
export function never(message: string, cause?: unknown): KoraError {
  return new KoraError('KORA_CHANNEL_REFUSED', message, {
    fix: 'kora channel check slack',
    details: { permanent: true },
    cause,
  });
}

/** What a failed call means for the outbox: not before a time, never, or at its own pace. */
export function refusalOf(error: unknown): Error {
  if (error instanceof KoraError) return error;
  const said = slackError(error);
  if (
    codeOf(error) === 'slack_webapi_rate_limited_error' ||
    said === 'ratelimited' ||
    said === 'rate_limited'
  ) {
    const retryAfterMs = retryAfter(error);
    const words = `Slack asks to wait ${Math.ceil(retryAfterMs / 1_000)} s`;
    return new KoraError('KORA_CHANNEL_REFUSED', words, { details: { retryAfterMs }, cause: error });
  }
  if (said === undefined)
    return new KoraError('PLUGIN_SLACK_UNREACHABLE', `Slack was not reached: ${messageOf(error)}`, {
      cause: error,
    });
  const needed = neededScope(error);
  const words = `Slack refused it: ${said}${needed === undefined ? '' : ` (needs ${needed})`}`;
  return isLasting(error)
    ? never(words, error)
    : new KoraError('PLUGIN_SLACK_REFUSED', words, { cause: error });
}

/** Milliseconds, capped. */
function retryAfter(error: unknown): number {
  const seconds: unknown =
    Reflect.get(Object(error), 'retryAfter') ?? Reflect.get(metadataOf(error), 'retryAfter');
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0) return unsaidRetryMs;
  return Math.min(longestRetryMs, Math.max(1_000, seconds * 1_000));
}

function codeOf(error: unknown): unknown {
  return Reflect.get(Object(error), 'code');
}

function dataOf(error: unknown): object {
  return typeof error === 'object' && error !== null ? objectIn(error, 'data') : {};
}

function metadataOf(error: unknown): object {
  return objectIn(dataOf(error), 'response_metadata');
}

function objectIn(value: object, name: string): object {
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'object' && found !== null ? found : {};
}
