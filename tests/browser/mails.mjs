// Mails as they lie in the folder of a server without a mail server. Their files have the ids of their jobs, so the
// last of the list is the newest.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { PATIENCE } from './chromium.mjs';

export class Mails {
  constructor(folder) {
    this.folder = folder;
  }

  to(address) {
    let names;
    try {
      names = readdirSync(this.folder).filter((name) => name.endsWith('.eml')).sort();
    } catch {
      return [];
    }
    const texts = names.map((name) => readFileSync(join(this.folder, name), 'utf8'));
    return texts.filter((text) => text.includes(`To: ${address}`));
  }

  // What the pattern finds in a mail to this address that came after the first `known`.
  async find(address, known, pattern) {
    for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(10)) {
      for (const text of this.to(address).slice(known).reverse()) {
        const found = text.replace(/=\r?\n/g, '').match(pattern);
        if (found) return found[1];
      }
    }
    throw new Error(`no mail to ${address} has ${pattern}`);
  }
}
