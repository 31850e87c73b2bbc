// The styles of the Mantine components that the interface uses, in Mantine's own order; all of them would be a fifth of the first page.
// The build fails when a component is used whose styles are not named here.
import type { Plugin } from 'vite';

const styles = [
  'global',
  'baseline',
  'ScrollArea',
  'UnstyledButton',
  'VisuallyHidden',
  'Paper',
  'Overlay',
  'Popover',
  'Loader',
  'ActionIcon',
  'CloseButton',
  'Group',
  'ModalBase',
  'Input',
  'FloatingIndicator',
  'Alert',
  'Text',
  'Anchor',
  'ColorSwatch',
  'Combobox',
  'InlineInput',
  'Checkbox',
  'Button',
  'Drawer',
  'Menu',
  'Modal',
  'Notification',
  'NumberInput',
  'PasswordInput',
  'Progress',
  'Radio',
  'Tooltip',
  'SegmentedControl',
  'Skeleton',
  'Table',
  'Tabs',
];
// Come along with the components that they are parts of, and are used nowhere.
const unusedParts = ['CheckboxCard', 'CheckboxIndicator', 'RadioCard', 'RadioIndicator'];
const known = new Set([...styles, ...unusedParts]);
const id = 'virtual:mantine.css';
const componentStyles = /@mantine\/core\/esm\/components\/.*?([A-Za-z]+)\.module\.css\.mjs$/;

export function mantineCss(): Plugin {
  return {
    name: 'mantine-css',
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load(source) {
      if (source !== `\0${id}`) return undefined;
      return styles.map((name) => `@import '@mantine/core/styles/${name}.layer.css';`).join('\n');
    },
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((output) => output.type === 'chunk');
      const used = chunks.flatMap((chunk) =>
        Object.keys(chunk.modules).map((path) => componentStyles.exec(path)?.[1]),
      );
      const missing = [...new Set(used)].filter((name) => name && !known.has(name));
      if (missing.length > 0)
        this.error(`build/mantine-css.ts does not name the styles of ${missing.join(', ')}`);
    },
  };
}
