import { Combobox, TextInput, useCombobox } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconBuilding, IconPackage, IconSearch, IconUser } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { api, call, type Schemas } from '@/api/client';
import { useDebounced } from '@/lib/useDebounced';
import { namespacePath, parseName, repositoryPath } from '@/lib/names';
import classes from './SearchBox.module.css';

type Suggestion = Schemas['SearchSuggestion'];

const icons = { repository: IconPackage, user: IconUser, organization: IconBuilding };

function target(suggestion: Suggestion): string {
  return suggestion.kind === 'repository'
    ? repositoryPath(parseName(suggestion.name))
    : namespacePath(suggestion.name);
}

function useSuggestions(text: string) {
  const query = useDebounced(text.trim(), 120);
  return useQuery({
    queryKey: ['suggest', query],
    queryFn: () => call(api.GET('/api/berth/v1/search/suggest', { params: { query: { query, limit: 8 } } })),
    enabled: query.length > 0,
    placeholderData: keepPreviousData,
  });
}

// Finds repositories, people and organizations while one types; Enter searches, "/" brings the cursor here.
export function SearchBox() {
  const [text, setText] = useState('');
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const suggestions = useSuggestions(text);
  const items = text.trim() ? (suggestions.data?.items ?? []) : [];
  useHotkeys([['/', () => input.current?.focus()]]);

  const search = () => {
    combobox.closeDropdown();
    navigate(text.trim() ? `/search?q=${encodeURIComponent(text.trim())}` : '/');
  };
  const choose = (key: string) => {
    const suggestion = items.find((item) => `${item.kind}:${item.name}` === key);
    if (!suggestion) return search();
    setText('');
    combobox.closeDropdown();
    input.current?.blur();
    navigate(target(suggestion));
  };

  return (
    <form
      role="search"
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        search();
      }}
    >
      <Combobox store={combobox} onOptionSubmit={choose} withinPortal={false}>
        <Combobox.Target>
          <TextInput
            ref={input}
            type="search"
            aria-label="Search images, people and organizations"
            placeholder="Search images"
            leftSection={<IconSearch size={16} />}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              combobox.openDropdown();
            }}
            onFocus={() => combobox.openDropdown()}
            onBlur={() => combobox.closeDropdown()}
          />
        </Combobox.Target>
        <Combobox.Dropdown hidden={items.length === 0}>
          <Combobox.Options>
            {items.map((item) => {
              const Icon = icons[item.kind];
              return (
                <Combobox.Option key={`${item.kind}:${item.name}`} value={`${item.kind}:${item.name}`}>
                  <span className={classes.option}>
                    <Icon size={16} aria-hidden />
                    <span className={classes.name}>{item.name}</span>
                    <span className={classes.description}>{item.description}</span>
                  </span>
                </Combobox.Option>
              );
            })}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
    </form>
  );
}
