// What is searched for lives in the address, so that it can be shared and survives going back.
import { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { useDebounced } from '@/lib/useDebounced';

export const sorts = [
  { value: '', label: 'Best match' },
  { value: 'pull_count', label: 'Most pulled' },
  { value: 'updated_at', label: 'Recently updated' },
];

export const filterNames = ['badges', 'categories', 'architectures', 'operating_systems'] as const;
export type FilterName = (typeof filterNames)[number];

export interface SearchRequest {
  query: string;
  sort?: 'pull_count' | 'updated_at';
  filters: Record<FilterName, string[]>;
}

export function useSearchState() {
  const [params, setParams] = useSearchParams();
  const query = params.get('q') ?? '';
  const [text, setText] = useState(query);
  const settled = useDebounced(text, 180);

  const set = (name: string, value: string) =>
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );

  // Typing changes the address, and an address from elsewhere (header search, back) changes the text.
  useEffect(() => {
    if (settled.trim() !== query) set('q', settled.trim());
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [settled]);
  useEffect(() => {
    if (query !== text.trim()) setText(query);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [query]);

  const filters = Object.fromEntries(
    filterNames.map((name) => [name, (params.get(name) ?? '').split(',').filter(Boolean)]),
  ) as Record<FilterName, string[]>;
  const sort = params.get('sort') ?? '';

  return {
    text,
    setText,
    sort,
    filters,
    set,
    toggle: (name: FilterName, value: string) => {
      const chosen = filters[name];
      set(
        name,
        (chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value]).join(','),
      );
    },
    clear: () => {
      setText('');
      setParams({}, { replace: true });
    },
    filtered: query !== '' || filterNames.some((name) => filters[name].length > 0),
    request: {
      query,
      filters,
      sort: sort === 'pull_count' || sort === 'updated_at' ? sort : undefined,
    } satisfies SearchRequest,
  };
}

export type SearchState = ReturnType<typeof useSearchState>;
