// JavaScript of the source and of the runner in one file for the browser.

import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { BuildFailed } from './faults.mjs';

const HERE = dirname(dirname(fileURLToPath(import.meta.url)));

/** Paths from the root of the source, as `require('/lib/x')` means them. */
const fromRoot = (root) => ({
  name: 'from-root',
  setup(bundler) {
    bundler.onResolve({ filter: /^\// }, ({ path, importer, resolveDir, kind }) => {
      const ours = kind === 'require-call' && importer.startsWith(root) && !path.startsWith(root);
      return ours ? bundler.resolve(`.${path}`, { resolveDir: root, kind, importer }) : { path: resolve(resolveDir, path) };
    });
  },
});

/** Which scripts of the source the pages and components reach, from its root; faults where one lacks. */
export async function scriptsOf(source) {
  const wanted = ['app', ...source.units.keys()].filter((path) => source.has(`${path}.js`));
  const contents = wanted.map((path) => `require(${JSON.stringify(`./${path}.js`)});`).join('\n');
  const { metafile } = await bundled({ contents, resolveDir: source.root }, source, { write: false });
  return Object.keys(metafile.inputs)
    .map((path) => relative(source.root, resolve(HERE, path)))
    .filter((path) => path && !path.startsWith('..') && path !== '<stdin>');
}

/** Writes app.js: the source's pages and components, the compiled templates, the runner. */
export async function writeBundle(source, parts, out) {
  const run = [];
  for (const path of parts.order) {
    run.push(`${JSON.stringify(path)}: () => require(${JSON.stringify(join(source.root, `${path}.js`))})`);
  }
  const contents = `
    import { start } from ${JSON.stringify(join(HERE, 'runtime', 'main.js'))};
    start({
      app: ${JSON.stringify(source.app)},
      units: ${JSON.stringify(parts.units)},
      styles: ${JSON.stringify(parts.styles)},
      production: ${JSON.stringify(parts.production)},
      templates: ${parts.templates},
      run: { ${run.join(',\n')} },
    });`;
  const options = { outfile: join(out, 'app.js'), sourcemap: 'linked', loader: { '.json': 'json' } };
  await bundled({ contents, resolveDir: HERE }, source, options);
}

async function bundled(stdin, source, options) {
  try {
    return await build({
      stdin,
      bundle: true,
      metafile: true,
      format: 'iife',
      platform: 'browser',
      target: 'es2022',
      charset: 'utf8',
      logLevel: 'silent',
      absWorkingDir: HERE,
      define: { 'process.env.NODE_ENV': '"production"' },
      plugins: [fromRoot(source.root)],
      ...options,
    });
  } catch (failed) {
    throw new BuildFailed((failed.errors ?? []).map((one) => line(one, source)));
  }
}

function line({ location, text }, source) {
  if (!location) return text;
  const file = relative(source.root, resolve(HERE, location.file));
  return `${file}:${location.line}: ${text}`;
}

export function readAllow() {
  return JSON.parse(readFileSync(join(HERE, 'allow.json'), 'utf8'));
}
