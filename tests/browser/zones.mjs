// Looks at moments on pages as readers in other zones see them, and as those without script do.
//
//     node zones.mjs URL MAILS
//
// In each zone every moment is said there, keeps UTC in its title, and takes the room that it took without script; the
// foot of the page names the zone, and leads to UTC and back.

import assert from 'node:assert/strict';

import { PATIENCE, launch } from './chromium.mjs';
import { Mouse } from './hands.mjs';
import { Mails } from './mails.mjs';
import { Visitor } from './visitor.mjs';

const ZONES = ['Europe/Berlin', 'Asia/Kolkata', 'America/St_Johns', 'Asia/Kathmandu'];
// The last minute before a change of clocks in Berlin and the first behind it, and an hour that comes twice.
const CHANGES = ['2026-03-29T00:59:59Z', '2026-03-29T01:00:00Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', '2024-02-28T22:59:00Z', '2027-12-31T23:30:00Z'];
const BERLIN = ['2026-03-29 01:59 +01', '2026-03-29 03:00 +02', '2026-10-25 02:30 +02', '2026-10-25 02:30 +01', '2024-02-28 23:59 +01', '2028-01-01 00:30 +01'];

const [url, mails] = process.argv.slice(2);
const browser = await launch();
const world = { browser, url, mails: new Mails(mails), hasScript: true, Hands: Mouse };

for (const [name, organization] of [['ana', null], ['gil', 'Grace Works'], ['sue', 'Late Works']]) {
  const visitor = await Visitor.arrive(world, `${name}@example.com`);
  await visitor.open('/profile');
  await visitor.signIn();
  if (organization) await visitor.switchTo(organization);
  const storageState = await visitor.context.storageState();
  const plain = await see(visitor.path, { storageState, javaScriptEnabled: false, timezoneId: 'Asia/Kolkata' });
  assert(plain.times.length > CHANGES.length, `${visitor.path} has moments of its own`);
  for (const time of plain.times) if (time.form === undefined) assert.equal(time.text, time.title);
  assert.equal(plain.foot, 'Times are in UTC.');
  for (const zone of ZONES) await inZone(zone, visitor.path, storageState, plain);
  await visitor.context.close();
}
await browser.close();
process.exit(0);

async function inZone(zone, path, storageState, plain) {
  const seen = await see(path, { storageState, timezoneId: zone });
  // Browsers call some zones by older names.
  assert.equal(seen.foot, `Times are in ${seen.zone.replace('_', ' ')}. Point at one for UTC. Show them in UTC`);
  assert.deepEqual(seen.times.map(({ title }) => title), plain.times.map(({ title }) => title), 'titles stay in UTC');
  for (const { text, at, form } of seen.times) {
    if (form !== 'near') assert.equal(text, form === 'day' ? inWords(at, zone).slice(0, 10) : inWords(at, zone), `${at} in ${zone}`);
  }
  if (zone === 'Europe/Berlin') assert.deepEqual(seen.times.slice(-CHANGES.length).map(({ text }) => text), BERLIN);
  assert.equal(seen.shift, 0, `${path} moves in ${zone}`);
  // Nothing stands elsewhere than it would without script.
  assert.equal(seen.places.length, plain.places.length);
  for (const [index, [what, ...place]] of seen.places.entries()) {
    const [, ...before] = plain.places[index];
    const off = Math.max(...place.map((edge, side) => Math.abs(edge - before[side])));
    assert(off < 3, `${path} in ${zone}: ${what} is off by ${off} px`);
  }
}

// Opens a page with the changes of clocks at its end, and tells what is on it.
async function see(path, options) {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  await page.addInitScript(() => {
    window.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.shift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.route(url + path, async (route) => {
    const response = await route.fetch();
    const rows = CHANGES.map((at) => `<p>on ${marked(at)}, and on.</p>`).join('');
    await route.fulfill({ response, body: (await response.text()).replace('</main>', `${rows}</main>`) });
  });
  await page.goto(path);
  const seen = await page.evaluate(gather);
  if (options.javaScriptEnabled !== false) await turnToUtcAndBack(page, seen);
  await context.close();
  return seen;
}

async function turnToUtcAndBack(page, seen) {
  const texts = () => page.locator('time').evaluateAll((all) => all.map((time) => time.textContent));
  const before = await texts();
  await page.getByRole('button', { name: 'Show them in UTC' }).click();
  for (const [index, text] of (await texts()).entries()) {
    if (seen.times[index].form === undefined) assert.equal(text, seen.times[index].title);
  }
  await page.reload();
  await page.getByText('Times are in UTC.').waitFor();
  await page.getByRole('button', { name: /^Show them in / }).click();
  assert.deepEqual(await texts(), before);
}

// Runs in the page.
function gather() {
  const times = [...document.querySelectorAll('time')].map((time) => ({ text: time.textContent, title: time.title, at: time.dateTime, form: time.dataset.form }));
  const place = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return [`<${element.localName}> ${element.textContent.trim().slice(0, 40)}`, left, top, right, bottom];
  };
  const places = [...document.querySelectorAll('main *:not(time, time *)')].map(place);
  return { times, places, foot: document.querySelector('.zones').textContent, shift: window.shift ?? 0, zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
}

// As the server writes it.
function marked(at) {
  const [day, clock] = [at.slice(0, 10), at.slice(11, 16)];
  return `<time datetime="${at}" title="${day} ${clock} UTC"><span class="whole">${day}</span> <span class="whole">${clock} <span class="zone">UTC</span></span></time>`;
}

// As a browser would say it in that zone, by rules that are not ours.
function inWords(at, zone) {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'shortOffset' }).formatToParts(new Date(at));
  const of = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  const [, sign, hours, minutes] = /^GMT([+-])(\d+)(?::(\d+))?$/.exec(of.timeZoneName);
  const offset = minutes ? `${hours}:${minutes}` : hours.padStart(2, '0');
  return `${of.year}-${of.month}-${of.day} ${of.hour}:${of.minute} ${sign === '-' ? '\u2212' : '+'}${offset}`;
}
