import { NativeSelect } from '@mantine/core';
import type { Schemas } from '@/api/client';
import { platformText } from '@/lib/names';

interface Props {
  image: Schemas['ImageDetails'];
  onChange: (platform: string) => void;
}

// Chooses one platform of an image that has several.
export function PlatformSelect({ image, onChange }: Props) {
  const platforms = image.platforms.filter(({ attestation }) => !attestation);
  if (platforms.length < 2 || !image.image) return null;
  return (
    <NativeSelect
      aria-label="Platform"
      value={platformText(image.image.platform)}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={platforms.map(({ platform, present }) => ({
        value: platformText(platform),
        label: platformText(platform) + (present ? '' : ' (missing)'),
        disabled: !present,
      }))}
    />
  );
}
