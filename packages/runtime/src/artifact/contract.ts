/** Bytes that one artifact may have: 20 MiB. */
export const largestArtifact: number = 20 * 1024 * 1024;

/** What may be kept: pictures, documents to read, and text; nothing that runs or unfolds into something else. */
export const artifactTypes = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'application/pdf',
  'application/json',
  'text/csv',
  'text/markdown',
  'text/plain',
] as const;
export type ArtifactType = (typeof artifactTypes)[number];

/** A file to be kept in the store. */
export interface NewArtifact {
  /** A file's name, never a path; at most 120 characters. */
  readonly name: string;
  readonly content: Uint8Array | string;
  /** Left out, it is what the bytes show. One that the bytes contradict is refused. */
  readonly type?: ArtifactType;
  /** Days it is kept, 1 to 400; default as the operator set it, 30. Null, from trusted plugins alone: until it is removed. */
  readonly keepDays?: number | null;
  /** The ticket it was made for. */
  readonly ticketId?: number;
}

/** A kept file, without its bytes. */
export interface Artifact {
  /** `art_` and 32 hex digits: by this messages and tools name it. */
  readonly artifactId: string;
  readonly name: string;
  readonly type: ArtifactType;
  /** Bytes. */
  readonly size: number;
  /** Hex SHA-256 of its bytes. */
  readonly sha256: string;
  /** The plugin that made it, or `kora`. */
  readonly madeBy: string;
  readonly ticketId: number | null;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601; null: until it is removed. */
  readonly expiresAt: string | null;
}

export interface ArtifactWithContent extends Artifact {
  readonly content: Uint8Array;
}

/** The files that a plugin keeps, and those of others: of an untrusted one, what messages carry that its channels are given. */
export interface ArtifactContext {
  /** Throws KORA_ARTIFACT_REFUSED for what may not be kept, KORA_ARTIFACT_FULL where there is no more room. */
  put(artifact: NewArtifact): Promise<Artifact>;
  /** Its bytes, proved against their hash. Throws KORA_ARTIFACT_UNKNOWN, also when its time is over. */
  get(artifactId: string): Promise<ArtifactWithContent>;
  /** Its own, newest first; at most 500, default 50. */
  list(query?: { readonly limit?: number }): Promise<readonly Artifact[]>;
}
