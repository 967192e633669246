// Looks at the page that somebody is at: nothing ran that was only a name, nothing was reported, no barrier stands in
// anybody's way in light or dark, and it fits on a small screen.

import assert from 'node:assert/strict';

import { axe } from '../chromium.mjs';
import { kindsIn } from './probes.mjs';

const WIDE = { width: 1280, height: 900 };
const SMALL = { width: 320, height: 640 };
const PHONE = { width: 360, height: 640 };
// What turns out otherwise in other colours and on another screen; the rest is in the page's words.
const CHANGING = ['color-contrast', 'link-in-text-block', 'target-size'];
// What a page may weigh. The description of the API is a book.
const MOST_BYTES = 100_000;
const BOOKS = ['/api/docs'];

export class Inspector {
  constructor(visitor) {
    this.visitor = visitor;
    // Pages, as the table of routes names them, and the kinds of probes that stood on some page.
    this.seen = new Set();
    this.kinds = new Set();
    this.states = new Set();
    this.switches = new Set();
    this.actions = new Set();
    this.wrong = [];
    visitor.page.on('console', (message) => {
      // A page that says no has a status of its own, which the console calls an error.
      const isStatus = message.text().startsWith('Failed to load resource: the server responded with a status of');
      if (['error', 'warning'].includes(message.type()) && !isStatus) this.report(message.text());
    });
    visitor.page.on('pageerror', (error) => this.report(error.message));
  }

  report(what) {
    this.wrong.push(`${this.visitor.path}: ${what}`);
  }

  async look() {
    const { page } = this.visitor;
    const here = new URL(page.url()).pathname;
    this.seen.add(here);
    const found = await page.evaluate(gather);
    if (found.ran) this.report('a probe ran');
    if (found.unmarked && !BOOKS.includes(here)) this.report(`a moment that is no <time>: ${found.unmarked}`);
    if (found.made > 0) this.report('a probe became an element');
    if (found.bytes > MOST_BYTES && !BOOKS.includes(here)) this.report(`the page has ${found.bytes} bytes`);
    for (const kind of kindsIn(found.text)) this.kinds.add(kind);
    for (const action of found.actions) this.actions.add(action);
    // The same state of a page is the same to axe, whoever is named on it.
    const state = [here.replace(/_\w+/g, ''), found.state].join();
    if (!this.states.has(state)) await this.lookForBarriers();
    this.states.add(state);
    return found.links;
  }

  async lookForBarriers() {
    const { page } = this.visitor;
    await page.evaluate(axe);
    // What comes down over every page is the same on all of them, so long as it leads to the same places.
    const places = await page.evaluate(() => document.querySelector('.switch')?.innerHTML.replace(/ aria-current="\w+"/g, ''));
    const parts = ['page', ...(places && !this.switches.has(places) ? ['switch'] : [])];
    this.switches.add(places);
    for (const words of await page.evaluate(barriers, [null, parts])) this.report(`light: ${words}`);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize(SMALL);
    for (const words of await page.evaluate(barriers, [CHANGING, parts])) this.report(`dark: ${words}`);
    for (const size of [SMALL, PHONE]) {
      await page.setViewportSize(size);
      const beyond = await page.evaluate(overflow);
      if (beyond.length > 0) this.report(`wider than ${size.width} px: ${beyond.join(', ')}`);
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(WIDE);
  }

  finish() {
    assert.deepEqual(this.wrong, []);
  }
}

// Runs in the page.
function gather() {
  const fields = [...document.querySelectorAll('input, textarea')].map((field) => field.value);
  const without = (selector) => {
    const rest = document.body.cloneNode(true);
    for (const part of rest.querySelectorAll(selector)) part.remove();
    return rest.textContent;
  };
  const titles = [...document.querySelectorAll('[title], [aria-label]')].map((element) => `${element.title} ${element.ariaLabel}`);
  return {
    ran: '__ran' in window,
    made: document.querySelectorAll('[data-probe]').length,
    bytes: new TextEncoder().encode(document.documentElement.outerHTML).length,
    text: [document.title, document.body.textContent, ...fields, ...titles].join('\n'),
    unmarked: /\S+ \d\d:\d\d UTC/.exec(without('time, input, textarea'))?.[0],
    state: [...document.querySelectorAll('h1, h2, [role], form')].map((part) => `${part.localName} ${part.getAttribute('role')}`).join(),
    actions: [...document.querySelectorAll('form[method="post"]')].map((form) => new URL(form.action).pathname),
    links: [...document.querySelectorAll('a[href]')].map((link) => link.href),
  };
}

// Runs in the page: what makes it scroll sideways.
function overflow() {
  if (document.documentElement.scrollWidth <= innerWidth) return [];
  const wide = [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > innerWidth + 1);
  return wide.slice(-3).map((element) => `<${element.localName} class="${element.className}"> ${element.textContent.trim().slice(0, 40)}`);
}

// Runs in the page: what axe-core finds there, by these rules or by all, in words. What is folded away is looked at too,
// and of a book the first chapters.
async function barriers([rules, parts]) {
  for (const part of document.querySelectorAll('.docs li:nth-of-type(n + 3), .docs article:nth-of-type(n + 3)')) part.remove();
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
  const unfold = async (selector, context) => {
    const folded = [...document.querySelectorAll(selector)].filter((details) => !details.open);
    for (const details of folded) details.open = true;
    const found = await window.axe.run(context, options);
    for (const details of folded) details.open = false;
    return found.violations;
  };
  const violations = await unfold('details:not(.switch)', document);
  // What comes down over the page is looked at alone.
  if (parts.includes('switch')) violations.push(...(await unfold('.switch', '.switch')));
  return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.target} ${node.html.slice(0, 160)}`));
}
