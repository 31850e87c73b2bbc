import { Button } from '@mantine/core';
import { IconCompassOff } from '@tabler/icons-react';
import { Link } from 'react-router-dom';
import { Empty } from '@/components/States';
import { usePageTitle } from '@/lib/usePageTitle';

export function Component() {
  usePageTitle('Not found');
  return (
    <Empty
      icon={<IconCompassOff size={32} />}
      title="There is no such page"
      action={
        <Button component={Link} to="/">
          Explore images
        </Button>
      }
    >
      The address may be mistyped, or what it named is gone or private. Sign in if it is yours.
    </Empty>
  );
}
