// Takes a picture of every page, as those people see them who have lived the year of `tare demo`.
//
//     node pictures.mjs URL MAILS FOLDER

import { mkdirSync } from 'node:fs';

import { Camera } from './camera.mjs';
import { launch } from './chromium.mjs';
import { ASKS, saveCard } from './flows/purchases.mjs';
import { makeKey } from './flows/spend.mjs';
import { Mouse } from './hands.mjs';
import { Mails } from './mails.mjs';
import { Visitor } from './visitor.mjs';

const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';

// Pages of an organization that look as those of a person do.
const SAME = ['Auto top-up', 'Payment methods', 'Alerts', 'API keys', 'Provider keys'];

const [url, mails, folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const world = { browser: await launch(), url, mails: new Mails(mails), hasScript: true, Hands: Mouse, agent: AGENT };

for (const see of [anaAtHome, anaAtWork, unpaid, suspended, passes, operator]) await see();
await world.browser.close();
process.exit(0);

// Somebody with a camera, at their own page.
async function arrive(label, atSignIn = async () => {}) {
  const visitor = await Visitor.arrive(world, `${label}@example.com`);
  const camera = await Camera.of(visitor, folder);
  await visitor.open('/profile');
  await visitor.signIn(() => atSignIn(camera));
  return { visitor, camera };
}

// Where an organization has its pages.
function home(visitor, name) {
  return visitor.page.locator('.switch').getByRole('link', { name, includeHidden: true }).getAttribute('href');
}

async function anaAtHome() {
  const { visitor: ana, camera } = await arrive('ana', (camera) => camera.take('sign-in-code'));
  await camera.walk('personal');
  await camera.at('/due', 'personal-nothing-due');
  await camera.at('/credits/pay?amount=50.00', 'personal-pay');
  await camera.at('/credits/pay?amount=other&other=2.50', 'personal-credits-wrong');
  await camera.at('/usage/requests', 'personal-requests');
  await ana.go(ana.page.locator('tbody th a').first());
  await camera.take('personal-request');
  await ana.open('/auto-top-up');
  await ana.go(ana.button('Go on'));
  await camera.take('personal-auto-top-up-agree');
  await ana.open('/api-keys');
  await makeKey(ana, 'phone');
  await camera.take('personal-api-key-made');
  await ana.open('/payment-methods');
  await ana.go(ana.button('Add a card'));
  await camera.take('sandbox-card');
  await camera.at('/organizations/new', 'organization-new');
  await device(camera);
  await camera.at('/api/docs', 'api-docs');
  await camera.at('/no-such-page', 'not-found');
  await ana.context.clearCookies();
  await camera.at('/sign-in', 'sign-in');
  await camera.at('/set-up', 'set-up');
}

// What became of a purchase, and what of it can go back.
async function refund(visitor, camera, base) {
  await visitor.open(`${base}/credits`);
  await visitor.go(visitor.page.locator('tbody th a').first());
  await camera.take('organization-bought');
  await visitor.go(visitor.link('Refund what is unused'));
  await visitor.hands.type(visitor.field('Refund, in dollars'), '10');
  await visitor.hands.type(visitor.field('Why'), 'Bought more than we needed');
  await visitor.go(visitor.button('See what goes back'));
  await camera.take('organization-refund');
}

async function device(camera) {
  const headers = { 'user-agent': 'Kilo CLI' };
  const { code } = await (await fetch(`${url}/api/device-auth/codes`, { method: 'POST', headers })).json();
  await camera.at(`/device?code=${code}`, 'device');
}

async function anaAtWork() {
  const { visitor: ana, camera } = await arrive('ana');
  const [studio, lab] = [await home(ana, 'Northlight Studio'), await home(ana, 'Harbour Lab')];
  await ana.open(studio);
  await camera.walk('organization', ...SAME);
  await camera.at(`${studio}/usage?days=365`, 'organization-usage-year');
  await ana.open(`${studio}/invoices`);
  await ana.go(ana.page.locator('tbody th a').first());
  await camera.take('organization-invoice');
  await refund(ana, camera, studio);
  await camera.at(`${studio}/seats/add`, 'organization-seats-add');
  await camera.at(`${studio}/seats/review?wish=add&seats=3`, 'organization-seats-quote');
  await camera.at(`${studio}/seats/remove`, 'organization-seats-remove');
  await camera.at(`${studio}/seats/plan`, 'organization-seats-plan');
  await camera.at(lab, 'organization-as-billing-manager');
  await ana.open(`${studio}/members`);
  await ana.hands.type(ana.field('Mail address'), 'nora@example.com');
  await ana.go(ana.button('Invite'));
  const nora = await Visitor.arrive(world, 'nora@example.com');
  await nora.open(await world.mails.find('nora@example.com', 0, /(\/invitations\/[a-z]+_[0-9a-f]+)/));
  await nora.signIn();
  await (await Camera.of(nora, folder)).take('invitation');
}

async function unpaid() {
  const { visitor: jonas, camera } = await arrive('jonas');
  const lantern = await home(jonas, 'Paper Lantern');
  await camera.at(lantern, 'grace-overview');
  await camera.at(`${lantern}/due`, 'grace-due');
  await jonas.go(jonas.button(/^Pay \$/));
  await jonas.page.getByRole('alert').waitFor();
  await camera.take('grace-declined');
}

async function suspended() {
  const { visitor: kim, camera } = await arrive('kim');
  const tide = await home(kim, 'Slow Tide');
  await camera.at(tide, 'suspended-overview');
  await camera.at(`${tide}/due`, 'suspended-due');
}

// Of somebody without one, up to the page of the bank; and one that was not paid.
async function passes() {
  const { visitor: ben, camera } = await arrive('ben');
  await camera.at('/credits/pass', 'pass-choose');
  await ben.hands.choose(ben.field(/^\$49\.00 a month, by the month/));
  await ben.go(ben.button('Review the cost'));
  await ben.go(ben.button('Type a card'));
  await saveCard(ben, ASKS);
  await camera.take('pass-review');
  await ben.go(ben.button(/^Subscribe and pay/));
  await camera.take('sandbox-bank');
  await ben.go(ben.button('Fail'));
  const { camera: lea } = await arrive('lea');
  await lea.at('/credits/pass', 'pass-not-paid');
  await lea.at('/due', 'pass-due');
}

async function operator() {
  const { visitor: ruth, camera } = await arrive('ruth');
  await ruth.open('/operator');
  await camera.walk('operator');
  await camera.at('/operator?text=Northlight', 'operator-found');
  await ruth.go(ruth.link('Northlight Studio', ruth.page.locator('main')));
  await camera.take('operator-wallet');
  const adjust = ruth.section('Adjust');
  await ruth.hands.type(ruth.field('Dollars, with a minus to take away', adjust), '-12.50');
  await ruth.hands.type(ruth.field('Why', adjust), 'Given twice by mistake');
  await ruth.go(ruth.button('See what happens', adjust));
  await camera.take('operator-adjust');
  await ruth.go(ruth.link('Back to the wallet'));
  await ruth.go(ruth.link('Suspend it'));
  await ruth.hands.type(ruth.field('Why, as the holder reads it'), 'Your bank says that the card was stolen');
  await ruth.go(ruth.button('See what happens'));
  await camera.take('operator-suspend');
}
