// Takes pictures of the page that a visitor is at: light and dark, wide and on a phone.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

// Width and height of the window, and how much of a longer page is taken.
const SIZES = [[1440, 900, 1100], [360, 720, 1000]];
const QUALITY = 33;

export class Camera {
  static async of(visitor, folder) {
    return new Camera(visitor, folder, await visitor.context.newCDPSession(visitor.page));
  }

  constructor(visitor, folder, session) {
    Object.assign(this, { visitor, folder, session });
  }

  async take(name) {
    const { page } = this.visitor;
    // Nothing is pointed at.
    await page.mouse.move(0, 0);
    for (const [width, height, most] of SIZES) {
      await page.setViewportSize({ width, height });
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        const whole = await page.evaluate(() => document.documentElement.scrollHeight);
        const clip = { x: 0, y: 0, width, height: Math.min(whole, most), scale: 1 };
        const shot = { format: 'webp', quality: QUALITY, clip, captureBeyondViewport: true };
        const { data } = await this.session.send('Page.captureScreenshot', shot);
        writeFileSync(join(this.folder, `${name}-${colorScheme}-${width}.webp`), Buffer.from(data, 'base64'));
      }
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1440, height: 900 });
  }

  // Opens a page, and takes it.
  async at(path, name) {
    await this.visitor.open(path);
    await this.take(name);
  }

  // Every page that the list at the side leads to, but for these.
  async walk(name, ...but) {
    const links = await this.visitor.page.locator('.side a').evaluateAll((all) => all.map((a) => [a.getAttribute('href'), a.textContent]));
    for (const [path, words] of links.filter(([, words]) => !but.includes(words))) {
      await this.at(path, `${name}-${words.toLowerCase().replaceAll(' ', '-')}`);
    }
  }
}
