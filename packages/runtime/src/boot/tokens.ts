import { withDeadline } from '../clock/index.ts';
import type { Clock } from '../clock/index.ts';
import { fault, messageOf } from '../fault/index.ts';
import type { ServiceTokenAnswer, ServiceTokenSpec } from './contract.ts';
import type { GateAnswer } from './gate.ts';

/** What was found about one token; never the token. */
export interface TokenLook {
  /** `<plugin>.<name>`. */
  readonly name: string;
  /** `expiring`: it still works, and will not for long. */
  readonly state: ServiceTokenAnswer['state'] | 'expiring';
  readonly detail: string;
  readonly expiresAt: string | null;
}

const checkMs = 5_000;
/** So long before its end a token is told about. */
const warnMs = 7 * 24 * 3_600_000;
const mostTokens = 200;
const longestDetail = 500;

/** The service tokens that plugins registered, asked all at once. */
export class ServiceTokens {
  readonly #clock: Clock;
  readonly #tokens = new Map<string, ServiceTokenSpec>();
  #latest: readonly TokenLook[] | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Answers how to take it back. Throws KORA_PLUGIN_INVALID for a name that is taken or empty. */
  register(token: ServiceTokenSpec, plugin: string): () => void {
    const name = `${plugin}.${token.name}`;
    const isFine = /^[A-Za-z0-9][\w .-]{0,99}$/.test(token.name);
    if (!isFine || this.#tokens.has(name) || this.#tokens.size >= mostTokens)
      throw fault('KORA_PLUGIN_INVALID', `service token ${name}: the name is taken, or none`);
    this.#tokens.set(name, token);
    return () => {
      this.#tokens.delete(name);
    };
  }

  /** What the last check found of those that are registered; null before the first. */
  get latest(): readonly TokenLook[] | null {
    return this.#latest?.filter(({ name }) => this.#tokens.has(name)) ?? null;
  }

  /**
   * Asks every service. Never rejects: one that throws or hangs did not answer, and while credentials are locked none is
   * asked, since its secret may not be used.
   */
  async check(signal: AbortSignal, isLocked = false): Promise<TokenLook[]> {
    const looks = await Promise.all(
      [...this.#tokens].map(([name, token]) => this.#look(name, token, isLocked ? undefined : signal)),
    );
    this.#latest = looks;
    return looks;
  }

  async #look(name: string, token: ServiceTokenSpec, signal: AbortSignal | undefined): Promise<TokenLook> {
    try {
      if (signal === undefined)
        throw fault('KORA_CREDENTIALS_LOCKED', `the secret of ${name} is locked until kora resume`);
      const deadline = { ms: checkMs, what: `the check of token ${name}`, signal };
      const answer = await withDeadline(this.#clock, deadline, (limit) => token.check(limit));
      const until = answer.expiresAt === undefined ? Number.NaN : Date.parse(answer.expiresAt);
      const isExpiring = answer.state === 'ok' && until - this.#clock.now() < warnMs;
      return {
        name,
        state: isExpiring ? 'expiring' : answer.state,
        detail: answer.detail.slice(0, longestDetail),
        expiresAt: Number.isNaN(until) ? null : new Date(until).toISOString(),
      };
    } catch (error) {
      const detail = messageOf(error).slice(0, longestDetail);
      return { name, state: 'unavailable', detail, expiresAt: null };
    }
  }
}

/** Gate 6 never says no: what a token cannot do degrades, and the operator is told. */
export function judgeTokens(looks: readonly TokenLook[]): GateAnswer {
  const trouble = looks.filter(({ state }) => state !== 'ok');
  if (looks.length === 0) return { outcome: 'pass', detail: 'no service tokens are registered' };
  if (trouble.length === 0) return { outcome: 'pass', detail: `${looks.length} service tokens answer` };
  const detail = trouble.map(sentence).join('; ');
  return { outcome: 'pass', detail, degradation: 'token_expiring' };
}

function sentence({ name, state, detail, expiresAt }: TokenLook): string {
  switch (state) {
    case 'refused':
      return `${name} is refused: ${detail}`;
    case 'unavailable':
      return `${name} did not answer: ${detail}`;
    case 'expiring':
      return `${name} expires at ${expiresAt}`;
    case 'ok':
      return `${name} answers`;
  }
}
