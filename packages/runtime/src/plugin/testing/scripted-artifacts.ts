import { createHash } from 'node:crypto';
import { fault } from '../../fault/index.ts';
import type { Artifact, ArtifactContext, NewArtifact } from '../contract.ts';

/** The files of a house that only remembers; all are taken, in order. */
export function scriptedArtifacts(madeBy: string, kept: NewArtifact[]): ArtifactContext {
  const viewOf = ({ name, content, type, ticketId }: NewArtifact, at: number): Artifact => ({
    artifactId: `art_${at}`,
    name,
    type: type ?? 'text/plain',
    size: Buffer.from(content).length,
    sha256: createHash('sha256').update(content).digest('hex'),
    madeBy,
    ticketId: ticketId ?? null,
    createdAt: '2026-01-01T00:00:00.000Z',
    expiresAt: null,
  });
  return {
    put: async (artifact) => viewOf(artifact, kept.push(artifact) - 1),
    get: async (artifactId) => {
      const at = Number(artifactId.slice('art_'.length));
      const found = kept[at];
      if (found === undefined) throw fault('KORA_ARTIFACT_UNKNOWN', `there is no artifact ${artifactId}`);
      return { ...viewOf(found, at), content: Buffer.from(found.content) };
    },
    list: async ({ limit = 50 } = {}) => kept.map(viewOf).slice(-limit).toReversed(),
  };
}
