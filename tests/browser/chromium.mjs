// Debian's Chromium, driven by the packages that stand in .tools/browser, where tools/setup puts them.

import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

const require = createRequire(new URL('../../.tools/browser/', import.meta.url));

// The text of axe-core, to be run in a page.
export const axe = require('axe-core').source;

// Nothing that these tests wait for takes so long, also on a busy machine.
export const PATIENCE = 30_000;

export function launch() {
  // Chromium's own sandbox needs what containers and root do not have; it opens nothing but our own pages.
  return require('playwright-core').chromium.launch({ executablePath: find(), args: ['--no-sandbox'] });
}

// The shell is the same engine without the windows that nobody sees here, which take more than half of the time.
function find() {
  const folders = process.env.PATH.split(delimiter);
  for (const path of ['chromium-headless-shell', 'chromium'].flatMap((name) => folders.map((folder) => join(folder, name)))) {
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  throw new Error('chromium is missing; tools/setup browser brings it');
}
