export { Artifacts, unknownArtifact } from './artifacts.ts';
export type { ArtifactMaker, ArtifactQuery, ArtifactsOptions } from './artifacts.ts';
export type {
  Artifact,
  ArtifactContext,
  ArtifactType,
  ArtifactWithContent,
  NewArtifact,
} from './contract.ts';
export { checked as checkArtifact } from './checked.ts';
export { artifactEvents } from './events.ts';
