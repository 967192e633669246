// How somebody uses a page: with a mouse, or with the keyboard alone. Both do the same things.

import assert from 'node:assert/strict';

// No page has so many places to stop at.
const MOST_STOPS = 250;

// Pages, by their addresses without ids, that were gone through from the top. Later the link to the content is taken, as
// people do who come to a page again.
const known = new Set();

export class Mouse {
  constructor(page) {
    this.page = page;
  }

  // A mouse is everywhere at once.
  async reach() {}

  press = (target) => target.click();
  pressTwice = (target) => target.dblclick();
  type = (target, text) => target.fill(text);

  async choose(target) {
    await target.check();
  }

  async select(target, value) {
    await target.selectOption(value);
  }
}

export class Keyboard {
  constructor(page) {
    this.page = page;
  }

  async press(target) {
    await this.reach(target);
    await this.page.keyboard.press('Enter');
  }

  async pressTwice(target) {
    await this.reach(target);
    await Promise.all([this.page.keyboard.press('Enter'), this.page.keyboard.press('Enter')]);
  }

  async type(target, text) {
    await this.reach(target);
    await this.page.keyboard.press('ControlOrMeta+A');
    await this.page.keyboard.press('Delete');
    // A long text is pasted.
    await (text.length > 40 ? this.page.keyboard.insertText(text) : this.page.keyboard.type(text));
  }

  // One of a group of radio buttons is reached by the arrows, a check box by itself.
  async choose(target) {
    const name = await target.getAttribute('name');
    const isRadio = (await target.getAttribute('type')) === 'radio';
    await this.reach(isRadio ? this.page.locator(`input[type="radio"][name="${name}"]`) : target);
    if (!isRadio && !(await target.isChecked())) await this.page.keyboard.press('Space');
    for (let step = 0; isRadio && !(await target.isChecked()); step += 1) {
      assert(step < 20, `the arrows do not come to ${target}`);
      await this.page.keyboard.press('ArrowDown');
    }
    assert(await target.isChecked(), `${target} is not chosen`);
  }

  async select(target, value) {
    await this.reach(target);
    await this.page.keyboard.press('Home');
    for (let step = 0; (await target.inputValue()) !== value; step += 1) {
      assert(step < 20, `the arrows do not come to ${value} of ${target}`);
      await this.page.keyboard.press('ArrowDown');
    }
  }

  // Takes the first link of a page that is known, which leads past what stands above and beside its content.
  async skip(wanted) {
    const { canSkip, shape } = await this.page.evaluate(arrive, wanted);
    if (!canSkip) return;
    if (!known.has(shape)) {
      known.add(shape);
      return;
    }
    await this.page.keyboard.press('Tab');
    const { words, wrong } = await this.page.evaluate(look, []);
    assert.match(words, /Skip to the content/);
    assert.equal(wrong, null, `${wrong}: ${words} at ${this.page.url()}`);
    await this.page.keyboard.press('Enter');
  }

  // Goes from stop to stop until one of the targets has the focus. Each stop is seen.
  async reach(targets) {
    await targets.first().waitFor();
    const wanted = await targets.elementHandles();
    await this.skip(wanted);
    const stops = [];
    for (let stop = 0; stop < MOST_STOPS; stop += 1) {
      const here = await this.page.evaluate(look, wanted);
      if (here.isWanted) return;
      stops.push(here.words);
      assert.equal(here.wrong, null, `${here.wrong}: ${here.words} at ${this.page.url()}`);
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`the keyboard does not reach ${targets} at ${this.page.url()}: ${stops.slice(0, 40).join(' > ')}`);
  }
}

// Runs in the page: whether somebody who has just come to it could go to its content, and which page it is.
function arrive(wanted) {
  // Whoever went back goes on from where they were.
  const cameBack = performance.getEntriesByType('navigation')[0]?.type === 'back_forward';
  const [main, isFresh] = [document.querySelector('#main'), !cameBack && (!document.activeElement || document.activeElement === document.body)];
  const canSkip = isFresh && document.querySelector('a.skip') !== null && wanted.some((element) => main?.contains(element));
  return { canSkip, shape: location.pathname.replace(/_\w+/g, '') };
}

// Runs in the page: what has the focus, and what is wrong with how it shows.
function look(wanted) {
  const element = document.activeElement;
  if (!element || element === document.body) return { isWanted: false, words: 'nothing', wrong: null };
  const words = `<${element.localName}> ${(element.ariaLabel ?? element.innerText ?? element.name ?? '').slice(0, 40)}`;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  // A column of a chart is not outlined: it changes its colour and lights up from floor to ceiling.
  const isShown = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 || element.matches('.column');
  const place = element.getBoundingClientRect();
  const isInside = place.width > 0 && place.height > 0 && place.bottom > 0 && place.top < innerHeight;
  const wrong = isShown ? (isInside ? null : 'the focus is out of sight') : 'the focus does not show';
  return { isWanted: wanted.includes(element), words, wrong };
}
