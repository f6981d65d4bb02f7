const words: Readonly<Record<string, string>> = {
  host: 'Asked for another host than this one: a page that pretends to be here',
  foreign_page: 'Came from the page of another site',
  no_credential: 'Had neither a session nor a token',
  wrong_token: 'Had a token that is not this home’s',
  worker_token: 'Had the token of a worker where only the operator may be',
  mcp_token: 'Had the token of an MCP client where only the operator may be',
  dead_session: 'Had a session that has ended or was revoked',
  token_and_session: 'Had a token and a session at once',
  no_origin: 'Changed something without saying which page it came from',
  scope_missing: 'Wanted what its session may not',
  not_fresh: 'Wanted what needs a session that was paired just now',
  pairing_wrong: 'Tried a pairing code that there is not',
  pairing_used: 'Tried a pairing code that was used before',
  pairing_expired: 'Tried a pairing code that had run out',
  pairing_restarted: 'Tried a pairing code of an earlier run',
  pairing_too_many: 'Tried too many pairing codes',
};

/** Why whoever knocked was not let in, in words; a cause that is newer than this page in its own. */
export function causeWords(cause: string): string {
  return words[cause] ?? cause.replaceAll('_', ' ');
}
