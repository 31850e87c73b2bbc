import { NativeSelect, type NativeSelectProps } from '@mantine/core';
import type { Schemas } from '@/api/client';
import { platformText } from '@/lib/names';

interface Props extends Pick<NativeSelectProps, 'label' | 'aria-label'> {
  image: Schemas['ImageDetails'];
  onChange: (platform: string) => void;
}

// Chooses one platform of an image that has several.
export function PlatformSelect({ image, onChange, ...names }: Props) {
  const platforms = image.platforms.filter(({ attestation }) => !attestation);
  if (platforms.length < 2 || !image.image) return null;
  return (
    <NativeSelect
      {...names}
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
