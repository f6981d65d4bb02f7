/** `10:02:11 UTC`, with the date in front when it is not today's. */
export function clockTime(time: string | number, now: number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return 'an unknown time';
  const iso = date.toISOString();
  const day = iso.slice(0, 10);
  const today = new Date(now).toISOString().slice(0, 10);
  return `${day === today ? '' : `${day} `}${iso.slice(11, 19)} UTC`;
}

const unitsMs: readonly (readonly [name: string, length: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

/** `3 h 12 min`: the two largest units that are not empty. */
export function span(ms: number): string {
  if (ms < 1_000) return 'under a second';
  const first = unitsMs.findIndex(([, length]) => ms >= length);
  let rest = ms;
  const parts: string[] = [];
  for (const [name, length] of unitsMs.slice(first, first + 2)) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.join(' ');
}

/** `1 incident`, `4 incidents`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The first few names, then how many more there are. */
export function listed(names: readonly string[], most: number): string {
  const rest = names.length - most;
  return rest > 0 ? `${names.slice(0, most).join('; ')}; and ${rest} more` : names.join('; ');
}

/** Third-party text as one line of bounded length: nothing in it can begin a line of its own. */
export function oneLine(text: string, most = 240): string {
  // Control, format and separator characters: line breaks, terminal sequences, direction marks.
  const flat = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  // Half a surrogate pair is no letter.
  return flat.length <= most ? flat : `${flat.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
