import { type Context, createContext, useCallback, useContext } from 'react';
import { useLocation, useSearch } from 'wouter';

/** Whether what is drawn stands in the peek: its title is no page's, and it takes no focus. */
export const PeekContext: Context<boolean> = createContext(false);

const key = 'peek';

/** The address that is peeked at, and the way to peek at another; null closes. In the address, so that a link keeps it. */
export function usePeek(): readonly [string | null, (path: string | null) => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const inPeek = useContext(PeekContext);
  const peek = useCallback(
    (target: string | null): void => {
      const query = new URLSearchParams(globalThis.location.search);
      if (target === null) query.delete(key);
      else query.set(key, target);
      const text = query.toString();
      navigate(text === '' ? path : `${path}?${text}`, { replace: true });
    },
    [path, navigate],
  );
  const wanted = inPeek ? null : new URLSearchParams(search).get(key);
  // Only a place of this page: an address from outside is not drawn.
  return [wanted !== null && /^\/(?!\/)/.test(wanted) ? wanted : null, peek];
}
