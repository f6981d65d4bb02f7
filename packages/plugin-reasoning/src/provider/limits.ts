type Headers = Readonly<Record<string, string>>;

/** What a provider said is left of its limits, 0 to 1: the scarcest of them. Undefined where it says nothing. */
export function headroomOf(headers: Headers | undefined): number | undefined {
  const shares: number[] = [];
  for (const [name, value] of Object.entries(headers ?? {})) {
    const limit = limitBeside(name.toLowerCase(), headers ?? {});
    const left = Number(value);
    if (limit === undefined || value.trim() === '' || !Number.isFinite(left)) continue;
    shares.push(Math.min(1, Math.max(0, left / limit)));
  }
  return shares.length === 0 ? undefined : Math.min(...shares);
}

/** `anthropic-ratelimit-tokens-remaining` stands beside `…-limit`, `x-ratelimit-remaining-tokens` beside `x-ratelimit-limit-tokens`. */
function limitBeside(name: string, headers: Headers): number | undefined {
  const beside = /^anthropic-ratelimit-.+-remaining$/.test(name)
    ? name.replace(/remaining$/, 'limit')
    : name.startsWith('x-ratelimit-remaining-')
      ? name.replace('-remaining-', '-limit-')
      : undefined;
  const found = Object.entries(headers).find(([each]) => each.toLowerCase() === beside);
  const limit = Number(found?.[1]);
  return Number.isFinite(limit) && limit > 0 ? limit : undefined;
}

/** Milliseconds to wait before the next attempt, as the provider asked; undefined where it did not. */
export function retryAfterMs(headers: Headers | undefined, now: number): number | undefined {
  const said = new Map(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const exact = Number(said.get('retry-after-ms') ?? Number.NaN);
  if (exact >= 0) return exact;
  const after = said.get('retry-after')?.trim();
  if (after === undefined || after === '') return undefined;
  const seconds = Number(after);
  if (seconds >= 0) return seconds * 1_000;
  const at = Date.parse(after);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
