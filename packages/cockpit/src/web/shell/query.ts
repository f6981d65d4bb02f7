import { useCallback } from 'react';
import { useLocation, useSearch } from 'wouter';

/** Filters live in the address, so that a reload, a link and the back button keep them. */
export type Filter<K extends string> = { readonly [P in K]: string };

/** The filter that a query string holds; a key that is missing is empty. */
export function readFilter<K extends string>(search: string, keys: readonly K[]): Filter<K> {
  const query = new URLSearchParams(search);
  return Object.fromEntries(keys.map((key) => [key, query.get(key) ?? ''])) as Filter<K>;
}

/** The query string of a filter, keys in the order given, empty ones left out; `''` when nothing is set. */
export function writeFilter<K extends string>(filter: Filter<K>, keys: readonly K[]): string {
  const query = new URLSearchParams();
  for (const key of keys) if (filter[key] !== '') query.set(key, filter[key]);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** The page's filter and the way to change a part of it; changing is not a step in the history. */
export function useFilter<K extends string>(
  keys: readonly K[],
): readonly [Filter<K>, (part: Partial<Filter<K>>) => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const filter = readFilter(search, keys);
  const change = useCallback(
    (part: Partial<Filter<K>>): void => {
      const next = { ...readFilter(globalThis.location.search, keys), ...part };
      navigate(path + writeFilter(next, keys), { replace: true });
    },
    [keys, path, navigate],
  );
  return [filter, change];
}

/** Whether one of the texts holds the words of a filter, in any case. */
export function matches(words: string, ...texts: readonly (string | null)[]): boolean {
  const wanted = words.trim().toLowerCase();
  return wanted === '' || texts.some((text) => text?.toLowerCase().includes(wanted) === true);
}
