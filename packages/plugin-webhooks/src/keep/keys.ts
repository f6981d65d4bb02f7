import { KoraError } from '@kora/runtime/plugin';
import type { PluginContext } from '@kora/runtime/plugin';
import { bytesOf, seal, unseal } from './sealing.ts';

/** The secrets of a source, asked for anew each time: they may change while Kora runs. */
export class Keys {
  readonly #secret: PluginContext<unknown>['secret'];

  constructor(secret: PluginContext<unknown>['secret']) {
    this.#secret = secret;
  }

  /** Those of the names that the operator has said; each of them may sign. */
  async said(names: readonly string[]): Promise<string[]> {
    const values = await Promise.all(names.map((name) => this.#secret(name)));
    return values.filter((value) => value !== undefined && value !== '') as string[];
  }

  /** Which of the names the operator has not said, as they would say them; null when all are said. */
  async missing(names: readonly string[]): Promise<string | null> {
    const values = await Promise.all(names.map((name) => this.#secret(name)));
    const unsaid = names.filter((_, at) => (values[at] ?? '') === '');
    return unsaid.length === 0 ? null : unsaid.map((name) => `KORA_PLUGIN_WEBHOOKS_${name}`).join(', ');
  }

  /** Seals a body: under SEAL_KEY, or else under the first of the source's own secrets. Throws PLUGIN_WEBHOOKS_SEALED. */
  async seal(body: Uint8Array, names: readonly string[], belongsTo: string): Promise<Buffer> {
    const [key] = await this.said(['SEAL_KEY', ...names]);
    if (key !== undefined) return seal(body, key, belongsTo);
    throw new KoraError('PLUGIN_WEBHOOKS_SEALED', 'there is no secret to seal a body with', {
      fix: 'say the secrets that the source names',
    });
  }

  /** Opens what the store answered. Throws PLUGIN_WEBHOOKS_SEALED. */
  async open(stored: unknown, names: readonly string[], belongsTo: string): Promise<Buffer> {
    const sealed = bytesOf(stored);
    if (sealed === undefined)
      throw new KoraError('PLUGIN_WEBHOOKS_SEALED', 'of this one no body was kept', { fix: 'drop it' });
    return unseal(sealed, await this.said(['SEAL_KEY', ...names]), belongsTo);
  }
}
