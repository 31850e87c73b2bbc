import { Button, Checkbox } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { IconAdjustmentsHorizontal } from '@tabler/icons-react';
import { api, call } from '@/api/client';
import { badgeLabels } from '@/components/TrustBadge';
import { filterNames, type FilterName, type SearchState } from './useSearchState';
import classes from './Filters.module.css';

interface Choice {
  value: string;
  label: string;
}

const architectures: Choice[] = [
  { value: 'amd64', label: 'x86-64' },
  { value: 'arm64', label: 'ARM 64' },
  { value: 'arm', label: 'ARM' },
  { value: '386', label: 'x86' },
  { value: 'riscv64', label: 'RISC-V 64' },
  { value: 'ppc64le', label: 'POWER 64 LE' },
  { value: 's390x', label: 'IBM Z' },
];
const systems: Choice[] = [
  { value: 'linux', label: 'Linux' },
  { value: 'windows', label: 'Windows' },
];

function Group({
  title,
  name,
  choices,
  state,
}: {
  title: string;
  name: FilterName;
  choices: Choice[];
  state: SearchState;
}) {
  return (
    <fieldset className={classes.group}>
      <legend className={classes.legend}>{title}</legend>
      {choices.map(({ value, label }) => (
        <Checkbox
          key={value}
          size="xs"
          label={label}
          checked={state.filters[name].includes(value)}
          onChange={() => state.toggle(name, value)}
        />
      ))}
    </fieldset>
  );
}

export function Filters({ state }: { state: SearchState }) {
  const phone = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const [opened, setOpened] = useState(false);
  const categories = useQuery({
    queryKey: ['categories'],
    queryFn: () => call(api.GET('/v2/categories')),
    staleTime: Infinity,
  });
  const active = filterNames.reduce((sum, name) => sum + state.filters[name].length, 0);

  return (
    <aside aria-label="Filters">
      {phone && (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconAdjustmentsHorizontal size={16} />}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          Filters{active > 0 ? ` (${active})` : ''}
        </Button>
      )}
      {(!phone || opened) && (
        <div className={classes.filters}>
          <Group title="Trusted content" name="badges" choices={badgeLabels} state={state} />
          <Group title="Operating systems" name="operating_systems" choices={systems} state={state} />
          <Group title="Architectures" name="architectures" choices={architectures} state={state} />
          {categories.data && categories.data.length > 0 && (
            <Group
              title="Categories"
              name="categories"
              choices={categories.data.map(({ slug, name }) => ({ value: slug, label: name }))}
              state={state}
            />
          )}
          {active > 0 && (
            <Button variant="subtle" size="compact-sm" onClick={state.clear}>
              Clear all
            </Button>
          )}
        </div>
      )}
    </aside>
  );
}
