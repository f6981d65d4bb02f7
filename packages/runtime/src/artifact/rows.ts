import type { Artifact } from './contract.ts';

/** An artifact as the statements here read it. */
export interface ArtifactRow extends Omit<Artifact, 'sha256' | 'createdAt' | 'expiresAt'> {
  readonly sha256: Buffer;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
}

export const columns = `artifact_id as "artifactId", name, media_type as type, size, sha256, made_by as "madeBy",
  ticket_id as "ticketId", created_at as "createdAt", expires_at as "expiresAt"`;
/** Not over yet, by the database's clock. */
export const stands = '(expires_at is null or expires_at > clock_timestamp())';

export function artifactView({ sha256, createdAt, expiresAt, ...row }: ArtifactRow): Artifact {
  return {
    ...row,
    sha256: sha256.toString('hex'),
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}
