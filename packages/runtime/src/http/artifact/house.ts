import type { Decision } from '../shapes.ts';
import type * as shape from '../shapes.ts';

/** The API's questions about kept files. */
export interface ArtifactHouse {
  /** Newest first. */
  artifacts(query: ArtifactsRequest): Promise<shape.ArtifactRow[]>;
  /** Throws KORA_ARTIFACT_UNKNOWN. */
  artifact(artifactId: string): Promise<shape.ArtifactRow>;
  /** Its bytes, proved. Throws KORA_ARTIFACT_UNKNOWN, KORA_ARTIFACT_DAMAGED. */
  artifactContent(artifactId: string): Promise<{ readonly name: string; readonly content: Uint8Array }>;
  removeArtifact(artifactId: string, decision: Decision): Promise<shape.ArtifactRow>;
}

export interface ArtifactsRequest {
  readonly madeBy?: string | undefined;
  readonly limit?: number | undefined;
}
