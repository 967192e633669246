// Takes a picture of every page that somebody comes to who has lived the year of `tare demo`.
//
//     node pictures.mjs URL MAILS FOLDER

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { launch } from './chromium.mjs';
import { Mouse } from './hands.mjs';
import { Mails } from './mails.mjs';
import { Visitor } from './visitor.mjs';

const SIZES = [[1440, 900, 1800], [360, 720, 1600]];
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
const QUALITY = 70;

const [url, mails, folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const world = { browser: await launch(), url, mails: new Mails(mails), hasScript: true, Hands: Mouse, agent: AGENT };
const ana = await Visitor.arrive(world, 'ana@example.com');
const camera = await ana.context.newCDPSession(ana.page);

await ana.open('/sign-in');
await take('sign-in');
await ana.open('/profile');
await ana.signIn(() => take('sign-in-code'));
await walk('personal');
await ana.open('/usage?days=365');
await take('personal-usage-year');
await buy();
await ana.open('/organizations/new');
await take('organization-new');
await ana.open('/profile');
const home = (name) => ana.page.locator('.switch').getByRole('link', { name, includeHidden: true }).getAttribute('href');
const [studio, lab] = [await home('Northlight Studio'), await home('Harbour Lab')];
await ana.open(studio);
await walk('organization');
await ana.open(`${studio}/usage?days=365`);
await take('organization-usage-year');
await ana.open(`${studio}/invoices`);
await ana.go(ana.page.locator('tbody th a').first());
await take('organization-invoice');
await ana.open(lab);
await take('organization-as-billing-manager');
await device();
await ana.open('/api/docs');
await take('api-docs');
await world.browser.close();
process.exit(0);

// Every page that the list at the side leads to.
async function walk(name) {
  const links = await ana.page.locator('.side a').evaluateAll((all) => all.map((a) => [a.getAttribute('href'), a.textContent]));
  for (const [path, words] of links) {
    await ana.open(path);
    await take(`${name}-${words.toLowerCase().replaceAll(' ', '-')}`);
  }
}

// The steps of a purchase, as far as a page of the bank.
async function buy() {
  await ana.open('/credits/pay?amount=50.00');
  await take('personal-pay');
  await ana.open('/payment-methods');
  await ana.go(ana.button('Add a card'));
  await take('sandbox-card');
}

async function device() {
  const headers = { 'user-agent': 'Kilo CLI' };
  const { code } = await (await fetch(`${url}/api/device-auth/codes`, { method: 'POST', headers })).json();
  await ana.open(`/device?code=${code}`);
  await take('device');
}

async function take(name) {
  for (const [width, height, most] of SIZES) {
    await ana.page.setViewportSize({ width, height });
    for (const colorScheme of ['light', 'dark']) {
      await ana.page.emulateMedia({ colorScheme });
      const whole = await ana.page.evaluate(() => document.documentElement.scrollHeight);
      const clip = { x: 0, y: 0, width, height: Math.min(whole, most), scale: 1 };
      const shot = { format: 'webp', quality: QUALITY, clip, captureBeyondViewport: true };
      const { data } = await camera.send('Page.captureScreenshot', shot);
      writeFileSync(join(folder, `${name}-${colorScheme}-${width}.webp`), Buffer.from(data, 'base64'));
    }
  }
  await ana.page.emulateMedia({ colorScheme: 'light' });
  await ana.page.setViewportSize({ width: 1440, height: 900 });
}
