import { checkArtifact, fault } from '@kora/runtime/testkit';
import type { FakeClock } from '@kora/runtime/testkit';
import type { Artifact, ArtifactContext, ArtifactWithContent, NewArtifact } from '@kora/runtime/plugin';

const defaultKeepDays = 30;
const dayMs = 86_400_000;
const mostListed = 500;

/** The files of a plugin, in memory: what may be kept, and until when, as in a runtime. */
export class Artifacts implements ArtifactContext {
  readonly #kept: ArtifactWithContent[] = [];
  readonly #clock: FakeClock;
  readonly #plugin: string;
  readonly #trusted: boolean;

  constructor(clock: FakeClock, plugin: string, trusted: boolean) {
    this.#clock = clock;
    this.#plugin = plugin;
    this.#trusted = trusted;
  }

  /** Throws KORA_ARTIFACT_REFUSED. */
  async put(given: NewArtifact): Promise<Artifact> {
    const { bytes, sha256, keepDays = defaultKeepDays, ticketId = null, name, type } = checkArtifact(given);
    if (keepDays === null && !this.#trusted)
      throw fault(
        'KORA_ARTIFACT_REFUSED',
        `plugin ${this.#plugin} is not trusted with files that are kept for good`,
      );
    const now = this.#clock.now();
    const artifact: Artifact = {
      artifactId: `art_${this.#clock.uuid().replaceAll('-', '')}`,
      name,
      type,
      size: bytes.length,
      sha256: sha256.toString('hex'),
      madeBy: this.#plugin,
      ticketId,
      createdAt: new Date(now).toISOString(),
      expiresAt: keepDays === null ? null : new Date(now + keepDays * dayMs).toISOString(),
    };
    this.#kept.push({ ...artifact, content: bytes });
    return artifact;
  }

  /** Throws KORA_ARTIFACT_UNKNOWN, also when its time is over. */
  async get(artifactId: string): Promise<ArtifactWithContent> {
    const found = this.#standing().find((each) => each.artifactId === artifactId);
    if (found !== undefined) return { ...found, content: Buffer.from(found.content) };
    throw fault('KORA_ARTIFACT_UNKNOWN', `there is no artifact ${artifactId}`);
  }

  async list({ limit = 50 }: { readonly limit?: number } = {}): Promise<readonly Artifact[]> {
    const most = Math.min(mostListed, Math.max(1, limit));
    return this.#standing()
      .toReversed()
      .slice(0, most)
      .map(({ content: _bytes, ...artifact }) => artifact);
  }

  /** Throws KORA_ARTIFACT_UNKNOWN for the first that is not there. */
  require(artifactIds: readonly string[]): void {
    const there = new Set(this.#standing().map(({ artifactId }) => artifactId));
    const missing = artifactIds.find((id) => !there.has(id));
    if (missing !== undefined) throw fault('KORA_ARTIFACT_UNKNOWN', `there is no artifact ${missing}`);
  }

  #standing(): readonly ArtifactWithContent[] {
    const now = new Date(this.#clock.now()).toISOString();
    return this.#kept.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
  }
}
