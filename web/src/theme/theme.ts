// The look of Berth: one accent (harbour teal), cool greys, system fonts, small radii.
import {
  createTheme,
  DEFAULT_THEME,
  mergeMantineTheme,
  type ConvertCSSVariablesInput,
  type MantineColorsTuple,
} from '@mantine/core';

const harbour: MantineColorsTuple = [
  '#e6f5f7',
  '#d0e9ed',
  '#a3d3db',
  '#72bbc8',
  '#4aa8b8',
  '#2f9cae',
  '#1a8da0',
  '#0c7d90',
  '#006f82',
  '#005c6d',
];

// Left out of the style sheet.
export const unusedColors = ['pink', 'grape', 'indigo', 'cyan', 'teal', 'lime'];

const tinted = ['gray', 'red', 'green', 'blue', 'yellow', 'orange', 'violet', 'harbour'];

// Cool like the page, for fields and menus in the dark.
const dark: MantineColorsTuple = [
  '#dbe3e9',
  '#b6c2cc',
  '#94a3af',
  '#6f7d89',
  '#3d4a55',
  '#2c3741',
  '#1a2229',
  '#12181d',
  '#0e1317',
  '#0a0e11',
];

export const theme = createTheme({
  primaryColor: 'harbour',
  primaryShade: { light: 8, dark: 7 },
  colors: { harbour, dark },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily:
    'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: {
    fontWeight: '650',
    sizes: { h1: { fontSize: '1.6rem' }, h2: { fontSize: '1.2rem' }, h3: { fontSize: '1rem' } },
  },
});

export const mergedTheme = mergeMantineTheme(DEFAULT_THEME, theme);

// Mantine's muted and tinted texts are paler than WCAG AA allows on small text.
export const cssVariables: ConvertCSSVariablesInput = {
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-text': '#16212b',
    '--mantine-color-dimmed': '#566370',
    '--mantine-color-placeholder': '#65727e',
    '--mantine-color-error': '#c22b2b',
    '--mantine-color-anchor': '#006f82',
    '--berth-surface': '#f6f8f9',
    '--berth-line': '#e1e6ea',
    '--berth-code': '#f1f4f6',
    '--berth-added': '#1b7a3d',
    '--berth-changed': '#8a5a00',
    '--berth-deleted': '#b42323',
    ...Object.fromEntries(
      tinted.map((name) => [`--mantine-color-${name}-light-color`, `var(--mantine-color-${name}-9)`]),
    ),
    '--mantine-color-gray-light-color': '#3f4a54',
    '--mantine-color-green-light-color': '#1a6b2d',
    '--mantine-color-yellow-light-color': '#7a4b00',
    '--mantine-color-orange-light-color': '#9a3f00',
  },
  dark: {
    '--mantine-color-body': '#12181d',
    '--mantine-color-text': '#dbe3e9',
    '--mantine-color-dimmed': '#94a3af',
    '--mantine-color-placeholder': '#8b99a5',
    '--mantine-color-error': '#ff8f8f',
    '--mantine-color-anchor': '#6cc3d2',
    '--mantine-color-default': '#1a2229',
    '--mantine-color-default-hover': '#222c35',
    '--mantine-color-default-border': '#34414c',
    '--berth-surface': '#182027',
    '--berth-line': '#2a353f',
    '--berth-code': '#1c252d',
    '--berth-added': '#6fce8d',
    '--berth-changed': '#e3b45c',
    '--berth-deleted': '#ff8f8f',
  },
};
