/** How Slack asks whether an address is ours: it is told its own word back. */
export function challengeIn(body: Buffer): string | undefined {
  try {
    const said = JSON.parse(body.toString('utf8')) as {
      readonly type?: unknown;
      readonly challenge?: unknown;
    } | null;
    if (said?.type !== 'url_verification' || typeof said.challenge !== 'string') return undefined;
    return said.challenge.slice(0, 1_000);
  } catch {
    return undefined; // it is kept as malformed
  }
}
