// The theme's CSS variables as a file of the bundle. Mantine would write them into a <style> element at run time, which the
// Content-Security-Policy forbids; its own functions make the same text here, once, at build time.
import { convertCssVariables, defaultCssVariablesResolver, deepMerge } from '@mantine/core';
import type { Plugin } from 'vite';
import { cssVariables, mergedTheme, unusedColors } from '../src/theme/theme.ts';

const id = 'virtual:theme.css';
const unused = new RegExp(`^--mantine-color-(?:${unusedColors.join('|')})-`);

function withoutUnused(variables: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !unused.test(name)));
}

export function themeCss(): Plugin {
  return {
    name: 'theme-css',
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load(source) {
      if (source !== `\0${id}`) return undefined;
      const { variables, light, dark } = deepMerge(defaultCssVariablesResolver(mergedTheme), cssVariables);
      const kept = {
        variables: withoutUnused(variables),
        light: withoutUnused(light),
        dark: withoutUnused(dark),
      };
      return convertCssVariables(kept, ':root');
    },
  };
}
