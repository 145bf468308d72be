#!/usr/bin/env node
// node tools/mp-runner/build.mjs --source miniprogram --out DIR [--production https://…]

import { parseArgs } from 'node:util';

const NODE = Number(process.versions.node.split('.')[0]);

async function main() {
  if (NODE < 20) throw new Error(`Node 20 or newer is needed; this is ${process.versions.node}`);
  const text = /** @type {const} */ ({ type: 'string' });
  const { values } = parseArgs({ options: { source: text, out: text, production: text } });
  if (!values.source || !values.out) throw new Error('give --source and --out');
  const { buildApp } = await import('./build/index.mjs');
  const { source, out, production } = /** @type {Object<string, string>} */ (values);
  const { pages, components } = await buildApp({ source, out, production });
  console.log(`built ${pages} pages and ${components} components into ${values.out}`);
}

main().catch((wrong) => {
  console.error(wrong.lines ? wrong.lines.join('\n') : wrong.message);
  process.exitCode = 1;
});
