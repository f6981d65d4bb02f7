import type { TokenLook } from './boot/index.ts';
import type { Ground } from './ground.ts';
import type { Rooms } from './rooms.ts';

/** Tells the operator of tokens that are refused or soon will be: once a day for each, however many runtimes ask. */
export async function tellTokens(
  { clock, onError }: Ground,
  rooms: Pick<Rooms, 'database' | 'apply'>,
  looks: readonly TokenLook[],
): Promise<void> {
  const day = new Date(clock.now()).toISOString().slice(0, 10);
  const messages = looks.flatMap(({ name, state, detail, expiresAt }) => {
    if (state !== 'refused' && state !== 'expiring') return [];
    const title =
      state === 'refused'
        ? `The service refuses the token ${name}`
        : `The token ${name} expires at ${expiresAt}`;
    return [
      {
        key: `kora.token.${name}.${state}.${day}`,
        thread: `kora.token.${name}`,
        severity: 'warning' as const,
        title,
        body: `${detail}\nKora goes on, degraded (token_expiring), until the service takes a token again.`,
        source: 'kora.boot',
      },
    ];
  });
  if (messages.length === 0) return;
  await rooms.database
    .transaction((tx) => rooms.apply(tx, { messages }))
    .catch((error: unknown) => onError('token news', error));
}
