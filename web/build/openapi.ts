// The contracts of ../api as modules of ready JSON: `import('virtual:openapi/hub')`. YAML is slow to read in a browser and its parser
// is large.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { parse } from 'yaml';

const id = /^virtual:openapi\/(hub|registry)$/;

function contractFile(name: string): string {
  return fileURLToPath(new URL(`../../api/${name}.yaml`, import.meta.url));
}

export function openapi(): Plugin {
  return {
    name: 'openapi',
    resolveId: (source) => (id.test(source) ? `\0${source}` : undefined),
    load(source) {
      const name = id.exec(source.replace('\0', ''))?.[1];
      if (!name) return undefined;
      const file = contractFile(name);
      this.addWatchFile(file);
      const document = JSON.stringify(parse(readFileSync(file, 'utf8')));
      // Engines read a string of JSON faster than the same object as a literal.
      return `export default JSON.parse(${JSON.stringify(document)});`;
    },
  };
}
