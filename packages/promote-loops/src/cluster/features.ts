const apostrophes = /['’`´]/g;
const between = /[^\p{L}\p{N}]+/gu;

/** A text as it is compared: small letters, no apostrophes, one blank between words. Equal texts are folded into one. */
export function normalised(text: string): string {
  return text.normalize('NFKC').toLowerCase().replaceAll(apostrophes, '').replaceAll(between, ' ').trim();
}

/**
 * What a normalised text is made of: its words, and three characters at a time of it with a blank before and after. As
 * 32-bit hashes, ascending, each once. Two texts of the same parts in another order differ only where words meet.
 */
export function featuresOf(text: string): Uint32Array {
  const padded = ` ${text} `;
  const hashes = new Uint32Array(text.length + 2 + padded.length);
  let count = 0;
  let start = 1;
  for (let at = 1; at < padded.length; at += 1) {
    if (padded.charCodeAt(at) !== blank) continue;
    if (at > start) hashes[count++] = hashOf(padded, start, at, wordSeed);
    start = at + 1;
  }
  for (let at = 0; at + 3 <= padded.length; at += 1) hashes[count++] = hashOf(padded, at, at + 3, gramSeed);
  const sorted = hashes.subarray(0, count).sort();
  let kept = 0;
  for (let at = 0; at < count; at += 1)
    if (at === 0 || sorted[at] !== sorted[kept - 1]) sorted[kept++] = sorted[at] ?? 0;
  return sorted.slice(0, kept);
}

const blank = 32;
const wordSeed = 0x81_1c_9d_c5;
const gramSeed = 0x2f_0b_44_71;

/** FNV-1a over UTF-16 units, mixed at the end. */
function hashOf(text: string, from: number, to: number, seed: number): number {
  let hash = seed;
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01_00_01_93);
  return mixed(hash);
}

/** Every bit of the result depends on every bit given; unsigned. */
export function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2_b2_ae_35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Cosine of two sets of parts, 0 to 1; of two empty ones 0. */
export function similarity(one: Uint32Array, other: Uint32Array): number {
  if (one.length === 0 || other.length === 0) return 0;
  let shared = 0;
  let left = 0;
  let right = 0;
  while (left < one.length && right < other.length) {
    const a = one[left] ?? 0;
    const b = other[right] ?? 0;
    if (a === b) shared += 1;
    if (a <= b) left += 1;
    if (b <= a) right += 1;
  }
  return shared / Math.sqrt(one.length * other.length);
}
