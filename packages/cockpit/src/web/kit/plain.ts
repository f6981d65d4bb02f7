// Titles, log lines and model output are written by strangers. Text nodes keep them from being markup; this keeps
// them from lying about the order of their letters or hiding some.

const named: Readonly<Record<string, string>> = {
  '\u00ad': 'SHY',
  '\u061c': 'ALM',
  '\u200b': 'ZWSP',
  '\u200e': 'LRM',
  '\u200f': 'RLM',
  '\u202a': 'LRE',
  '\u202b': 'RLE',
  '\u202c': 'PDF',
  '\u202d': 'LRO',
  '\u202e': 'RLO',
  '\u2060': 'WJ',
  '\u2066': 'LRI',
  '\u2067': 'RLI',
  '\u2068': 'FSI',
  '\u2069': 'PDI',
  '\ufeff': 'BOM',
};

/**
 * Control characters but tab and line end, and every character of format, which has no width or turns the direction; but
 * for the two joiners that scripts and emoji are written with.
 */
const hidden = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}]/gu;

/** The text with every hidden or reordering character shown as a glyph: `⟨RLO⟩`, `␛`. Tabs and line ends stay. */
export function plain(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(hidden, glyph);
}

/** The signs that Kora puts before the titles of its messages: the page draws its own marks, in any font there is. */
const signs = /(?:🚨|⚠️|ℹ️|✅|👁|🔧) /gu;

/** As `plain`, for a title: without the signs that stand before those of messages. */
export function plainTitle(text: string): string {
  return plain(text.replace(signs, ''));
}

/** As `plainTitle`, on one line and cut to a length that a list can carry. */
export function oneLine(text: string, most = 300): string {
  const cut = text.length > most ? `${text.slice(0, most).toWellFormed()}…` : text;
  return plainTitle(cut).replace(/\s+/g, ' ');
}

function glyph(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '␡';
  return `⟨${named[character] ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`}⟩`;
}
