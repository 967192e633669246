// Somebody with a browser of their own.

import assert from 'node:assert/strict';

import { PATIENCE } from './chromium.mjs';

export class Visitor {
  static async arrive(world, email) {
    const context = await world.browser.newContext({
      baseURL: world.url,
      javaScriptEnabled: world.hasScript,
      viewport: { width: 1280, height: 900 },
      ...(world.agent && { userAgent: world.agent }),
    });
    context.setDefaultTimeout(PATIENCE);
    const visitor = new Visitor(world, email, context);
    visitor.turnTo(await context.newPage());
    return visitor;
  }

  constructor(world, email, context) {
    Object.assign(this, { world, email, context });
  }

  turnTo(page) {
    this.page = page;
    this.hands = new this.world.Hands(page);
    page.on('dialog', (dialog) => {
      throw new Error(`${page.url()} opens a dialog: ${dialog.message()}`);
    });
  }

  get path() {
    const { pathname, search } = new URL(this.page.url());
    return pathname + search;
  }

  async open(path) {
    const response = await this.page.goto(path);
    return response.status();
  }

  button = (name, within = this.page) => within.getByRole('button', { name, exact: typeof name === 'string' });
  link = (name, within = this.page) => within.getByRole('link', { name, exact: typeof name === 'string' }).first();
  field = (label, within = this.page) => within.getByLabel(label, { exact: typeof label === 'string' });
  section = (heading) => this.page.locator('section, details').filter({ has: this.page.getByRole('heading', { name: heading }) });

  // Presses a button or a link, and is there when the next page is.
  async go(target) {
    // Beforehand, since the keyboard's way there may lead within the page.
    await this.hands.reach(target);
    await this.leads(() => this.hands.press(target));
  }

  // The same pressed twice at once: the second form is sent while the first is on its way, whose answer nobody sees.
  async goTwice(target) {
    await this.hands.reach(target);
    await Promise.all([this.page.waitForEvent('framenavigated'), this.hands.pressTwice(target)]);
    await this.page.waitForLoadState();
    // The second may be answered while the first still pays; then one looks again.
    for (let look = 0; look < 20 && (await this.page.getByText(/\bon its way\b/).count()) > 0; look += 1) {
      await this.page.waitForTimeout(250);
      await this.page.reload();
    }
  }

  async leads(act) {
    const [response] = await Promise.all([this.page.waitForNavigation(), act()]);
    return response;
  }

  // Opens what is folded away.
  async unfold(summary) {
    const details = summary.locator('..');
    if ((await details.getAttribute('open')) === null) await this.hands.press(summary);
  }

  // That the page says this, somewhere that can be seen.
  async sees(text) {
    const found = this.page.getByText(text).filter({ visible: true });
    try {
      await found.first().waitFor({ timeout: 5_000 });
    } catch {
      throw new Error(`${this.path} does not say ${text}:\n${await this.page.locator('main').innerText()}`);
    }
  }

  async isAt(path) {
    const here = path instanceof RegExp ? path.test(this.path) : this.path === path;
    assert(here, `${this.email} is at ${this.path} and should be at ${path}`);
  }

  // Signs in with the mailed code, from wherever the sign-in page was opened; answers that code.
  async signIn(tryFirst = async () => {}) {
    const { mails } = this.world;
    const known = mails.to(this.email).length;
    await this.hands.type(this.field('Mail address'), this.email);
    await this.go(this.button('Mail me a code'));
    await this.sees(this.email);
    const code = await mails.find(this.email, known, /\b(\d{6})\b/);
    await tryFirst(code);
    await this.hands.type(this.field('Code'), code);
    await this.go(this.button('Sign in'));
  }

  // Turns to one's own affairs, or to those of an organization.
  async switchTo(name) {
    await this.unfold(this.page.locator('.switch summary'));
    await this.go(this.page.locator('.switch').getByRole('link', { name }));
  }
}
