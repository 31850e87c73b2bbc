import { Anchor, type AnchorProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link as RouterLink } from 'react-router-dom';

interface Props extends AnchorProps {
  to: string;
  children: ReactNode;
  title?: string;
}

// A link to a page of this site.
export function Link({ to, children, ...rest }: Props) {
  return (
    <Anchor component={RouterLink} to={to} inherit={rest.size === undefined} {...rest}>
      {children}
    </Anchor>
  );
}
