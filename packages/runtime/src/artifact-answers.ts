import { once } from './control/index.ts';
import type { House } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import { operatorActor } from './workspace/index.ts';

type ArtifactAnswers = Pick<House, 'artifacts' | 'artifact' | 'artifactContent' | 'removeArtifact'>;

/** What is asked of kept files, and the operator's word on one. */
export function artifactAnswers({
  artifacts,
  workspace,
}: Pick<Rooms, 'artifacts' | 'workspace'>): ArtifactAnswers {
  const { workspaceId } = workspace;
  return {
    artifacts: (query) => artifacts.list(query),
    artifact: (artifactId) => artifacts.find(artifactId),
    artifactContent: (artifactId) => artifacts.get(artifactId),
    removeArtifact: (artifactId, { idempotencyKey: key, reason }) => {
      const wish = { artifactId, reason };
      return artifacts.remove(artifactId, { by: operatorActor, reason }, (tx, deed) =>
        once(tx, { workspaceId, key, deed: 'artifact remove', wish }, deed),
      );
    },
  };
}
