import { featuresOf, mixed } from './features.ts';

/** Raised when features, permutations or bands become others: what was kept of an earlier one is not used. */
export const signatureVersion = 1;

/**
 * 42 bands of 3 rows: two texts whose sets overlap by a Jaccard of 0.43 (a cosine of 0.6) meet in a band with a
 * probability of 0.97, of 0.72 (a cosine of 0.85) with more than 0.9999, and of 0.1 with 0.04.
 */
const rows = 3;
export const bands = 42;

/** What is known of one text once it was looked at. */
export interface Signature {
  readonly features: Uint32Array;
  /** One key for each band. */
  readonly keys: Uint32Array;
}

/** Each permutation is `mixed(hash ^ seed)`; the seeds are fixed, so that every machine gives the same. */
const seeds = Uint32Array.from({ length: rows * bands }, (_, at) => mixed(0x9e_37_79_b9 * (at + 1)));
const least = new Uint32Array(rows * bands);

/** Of a normalised text. The same text gives the same always. */
export function signatureOf(text: string): Signature {
  const features = featuresOf(text);
  least.fill(0xff_ff_ff_ff);
  for (const feature of features)
    for (let at = 0; at < seeds.length; at += 1) {
      const hash = mixed(feature ^ (seeds[at] ?? 0));
      if (hash < (least[at] ?? 0)) least[at] = hash;
    }
  const keys = new Uint32Array(bands);
  for (let band = 0; band < bands; band += 1) {
    let key = band + 1;
    for (let row = 0; row < rows; row += 1) key = mixed(Math.imul(key, 31) ^ (least[band * rows + row] ?? 0));
    keys[band] = key;
  }
  return { features, keys };
}

/**
 * Signatures of texts that come again, in memory: reading one from a database takes longer than making it. What is of
 * another version is forgotten; the bound is kept in two generations, so that what is used stays.
 */
export class SignatureCache {
  readonly #most: number;
  readonly #version: number;
  #young = new Map<string, Signature>();
  #old = new Map<string, Signature>();

  /** `most` texts at most, about 1 KiB each. */
  constructor(most = 8_192, version = signatureVersion) {
    this.#most = Math.max(2, most);
    this.#version = version;
  }

  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  of(text: string): Signature {
    const young = this.#young.get(text);
    if (young !== undefined) return young;
    const signature = this.#old.get(text) ?? signatureOf(text);
    this.#old.delete(text);
    if (this.#young.size >= this.#most / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, signature);
    return signature;
  }
}
