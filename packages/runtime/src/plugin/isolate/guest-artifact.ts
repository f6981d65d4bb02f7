import { fault } from '../../fault/index.ts';
import { largestArtifact } from '../contract.ts';
import type { Artifact, ArtifactContext, ArtifactWithContent, NewArtifact } from '../contract.ts';
import type { Link } from './link.ts';

/** Bytes that cross in one piece: a file in one line would be longer than a line may be. */
const pieceBytes = 1024 * 1024;

/** The plugin's files, from its own process: one crosses at a time, piece by piece. */
export function artifactsOver(link: Link): ArtifactContext {
  let before: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = before.then(work, work);
    before = turn.catch(() => undefined); // its own caller hears it
    return turn;
  };
  return {
    put: (artifact) => inTurn(() => putOver(link, artifact)),
    get: (artifactId) => inTurn(() => getOver(link, artifactId)),
    list: async (query = {}) => (await link.call('artifacts.list', query)) as readonly Artifact[],
  };
}

async function putOver(link: Link, { content, ...words }: NewArtifact): Promise<Artifact> {
  const bytes = Buffer.from(content);
  if (bytes.length > largestArtifact)
    throw fault(
      'KORA_ARTIFACT_REFUSED',
      `the file cannot be kept: it is ${bytes.length} bytes long, and ${largestArtifact} may be kept`,
    );
  await link.call('artifacts.begin', { ...words, size: bytes.length });
  for (let at = 0; at < bytes.length; at += pieceBytes)
    await link.call('artifacts.piece', { content: bytes.toString('base64', at, at + pieceBytes) });
  return (await link.call('artifacts.put', {})) as Artifact;
}

async function getOver(link: Link, artifactId: string): Promise<ArtifactWithContent> {
  const artifact = (await link.call('artifacts.get', { artifactId })) as Artifact;
  const pieces: Buffer[] = [];
  for (let offset = 0; offset < artifact.size; ) {
    const { content } = (await link.call('artifacts.read', { offset })) as { readonly content: string };
    const piece = Buffer.from(content, 'base64');
    if (piece.length === 0) throw fault('KORA_INTERNAL', `${artifactId} ended before its size`);
    pieces.push(piece);
    offset += piece.length;
  }
  return { ...artifact, content: Buffer.concat(pieces) };
}
