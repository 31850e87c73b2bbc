import { Button } from '@mantine/core';
import { IconStar, IconStarFilled } from '@tabler/icons-react';
import { useLocation, useNavigate } from 'react-router-dom';
import { useSession } from '@/api/session';
import { notifyError } from '@/components/notify';
import { formatCompact } from '@/lib/format';
import { useStar, type Repository } from './queries';

export function StarButton({ repository }: { repository: Repository }) {
  const session = useSession();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const star = useStar(repository);
  const starred = repository.has_starred;
  const click = () => {
    if (!session) navigate(`/signin?next=${encodeURIComponent(pathname)}`);
    else star.mutate(!starred, { onError: notifyError });
  };
  return (
    <Button
      variant="default"
      size="sm"
      aria-pressed={starred}
      leftSection={starred ? <IconStarFilled size={16} /> : <IconStar size={16} />}
      onClick={click}
    >
      {starred ? 'Starred' : 'Star'} · {formatCompact(repository.star_count)}
    </Button>
  );
}
