// A life in which every name is a probe, lived over the pages, each of which is looked at on the way.

import { ASKS, DECLINED, DECLINED_LATER, TAKEN, saveCard } from '../flows/purchases.mjs';
import { charge, newKey } from '../flows/spend.mjs';
import { join } from '../told.mjs';
import { probe } from './probes.mjs';

// Each step leaves the visitor at a page that is worth a look, and those before it have been looked at.
export async function fill(ana, inspector, world) {
  const look = () => inspector.look();
  await signIn(ana, look);
  await firstCard(ana, look);
  await moneyOf(ana, look, '');
  const base = await organization(ana, look);
  await ana.go(ana.link('Payment methods'));
  await addCard(ana, TAKEN);
  await moneyOf(ana, look, base);
  await pass(ana, look);
  for (const home of ['', base]) await keysOf(ana, look, home, world);
  await team(ana, look, base);
  await seats(ana, look, base);
  await device(ana, look, world);
  await acts(ana, look);
  return base;
}

async function signIn(ana, look) {
  await ana.open('/sign-in');
  await look();
  await ana.open('/set-up');
  await look();
  await ana.open('/profile');
  await ana.signIn(async () => {
    await look();
    await ana.hands.type(ana.field('Code'), '0');
    await ana.go(ana.button('Sign in'));
    await look();
  });
}

async function firstCard(ana, look) {
  await ana.open('/payment-methods');
  await look();
  await ana.open('/credits/pay?amount=20.00&card=new');
  await look();
  await ana.go(ana.button('Type a card'));
  await look();
  await ana.hands.type(ana.field('Number of a test card'), DECLINED);
  await ana.go(ana.button('Save the card'));
  await look();
  await ana.hands.type(ana.field('Number of a test card'), ASKS);
  await ana.go(ana.button('Save the card'));
  await look();
  const setup = ana.path;
  if (await ana.button('Approve').isVisible()) await ana.go(ana.button('Approve'));
  await look();
  await ana.open(setup);
  await look();
  for (const number of [DECLINED_LATER, TAKEN]) {
    await ana.open('/payment-methods');
    await addCard(ana, number);
  }
}

async function addCard(ana, number) {
  await ana.go(ana.button('Add a card'));
  await saveCard(ana, number);
}

// Who buys, what is bought, and how it looks when the bank asks or says no.
async function moneyOf(ana, look, base) {
  await ana.open(`${base}/invoices`);
  await look();
  await ana.unfold(ana.page.locator('summary', { hasText: 'Who buys' }));
  for (const field of ['Name', 'Tax id', 'Street and number', 'Further', 'Postal code', 'City', 'State']) {
    const text = field === 'Tax id' ? 'DE123456788' : probe(field === 'Name' ? 'buyer' : 'address');
    await ana.hands.type(ana.field(field), text);
  }
  await ana.hands.type(ana.field(/^Country/), 'DE');
  await ana.go(ana.button('Save'));
  await look();
  const pay = async (card) => {
    await ana.open(`${base}/credits`);
    await ana.hands.choose(ana.field('$100.00'));
    await ana.hands.choose(ana.field(card));
    await ana.go(ana.button('Go on'));
    await look();
    await ana.go(ana.button('Pay $100.00'));
  };
  if (base === '') {
    await pay(/0341/);
    await look();
    await pay(/3184/);
    await look();
    const bank = ana.path;
    await ana.go(ana.link('Close without an answer'));
    await look();
    await ana.open(bank);
    await ana.go(ana.button('Fail'));
    await look();
    await ana.open(bank);
    await look();
  }
  await pay(/4242/);
  await look();
  await goBack(ana, look);
  await byItself(ana, look, base);
}

// Of the purchase that somebody looks at, a part.
async function goBack(ana, look) {
  await ana.go(ana.link('Refund what is unused'));
  await look();
  await ana.hands.type(ana.field('Refund, in dollars'), '10');
  await ana.hands.type(ana.field('Why'), probe('reason'));
  await ana.go(ana.button('See what goes back'));
  await look();
  await ana.go(ana.button('Refund $10.00'));
  await look();
}

// Credits that are bought before they run out, and a letter.
async function byItself(ana, look, base) {
  await ana.open(`${base}/auto-top-up`);
  await look();
  await ana.go(ana.button('Go on'));
  await look();
  await ana.go(ana.button(/^I agree/));
  await look();
  await ana.open(`${base}/alerts`);
  await ana.hands.type(ana.field('Tell below, in dollars'), probe('typed').slice(0, 20));
  await ana.go(ana.button('Save'));
  await look();
}

async function organization(ana, look) {
  await ana.open('/organizations/new');
  await look();
  await ana.hands.type(ana.field('Name'), probe('organization'));
  await ana.go(ana.button('Found it'));
  await look();
  return ana.path;
}

async function keysOf(ana, look, base, world) {
  await ana.open(`${base}/api-keys`);
  await look();
  await ana.hands.type(ana.field('Name'), probe('key'));
  await ana.hands.type(ana.field(/^Ends after/), '30');
  await ana.go(ana.button('Make a key'));
  await look();
  const used = { model: probe('model'), provider: probe('provider'), project: probe('project') };
  await charge(world, await newKey(ana), '0.123456789', used);
  await ana.open(`${base}/byok-keys`);
  await ana.hands.type(ana.field('Name'), probe('own'));
  await ana.hands.type(ana.field('Key'), 'sk-own-canary-0001');
  await ana.go(ana.button('Keep it'));
  await look();
}

async function team(ana, look, base) {
  await join(probe('organization'), probe('member'));
  await ana.open(`${base}/members`);
  await look();
  await ana.hands.type(ana.field('Mail address'), 'bob@example.com');
  await ana.go(ana.button('Invite'));
  await look();
  await ana.hands.type(ana.field('Mail address'), 'bob@example.com');
  await ana.go(ana.button('Invite'));
  await look();
  await ana.open(`${base}/settings`);
  await ana.hands.type(ana.field('Only these models'), `*\n${probe('policy')}`);
  await ana.hands.type(ana.field('Never these models'), probe('policy'));
  await ana.go(ana.button('Save'));
  await look();
}

// From the tiers to a pass, which the last card that was added pays for.
async function pass(ana, look) {
  await ana.open('/credits/pass');
  await look();
  await ana.hands.choose(ana.page.locator('[name="choice"]').first());
  await ana.go(ana.button('Review the cost'));
  await look();
  await ana.go(ana.button(/^Subscribe and pay/));
  await look();
  await ana.open('/credits/pass');
  await look();
}

// From the trial to a plan, and to more and fewer seats; and that nothing is due.
async function seats(ana, look, base) {
  await ana.open(`${base}/seats`);
  await look();
  await ana.open(`${base}/seats/plan`);
  await look();
  await ana.hands.type(ana.field('Seats'), '4');
  await ana.go(ana.button('Review the cost'));
  await look();
  await ana.go(ana.button(/^Confirm/));
  await look();
  for (const page of ['/seats/add', '/seats/remove', '/seats/plan', '/due']) {
    await ana.open(`${base}${page}`);
    await look();
  }
  await ana.open(`${base}/seats/review?wish=add&seats=2`);
  await look();
  await ana.open('/due');
  await look();
}

// A device that calls itself something, and a browser that is elsewhere.
async function device(ana, look, { url }) {
  const headers = { 'user-agent': probe('device') };
  const { code } = await (await fetch(`${url}/api/device-auth/codes`, { method: 'POST', headers })).json();
  await ana.open('/device');
  await look();
  await ana.open(`/device?code=${code}`);
  await look();
  await ana.go(ana.button('Yes, sign it in'));
  await look();
  await fetch(`${url}/api/device-auth/codes/${code}`);
}

// What whoever runs the server could do to a wallet: wrong, and as it would be.
async function acts(ana, look) {
  await ana.open('/operator?text=ana@example.com');
  await ana.go(ana.link('ana@example.com', ana.page.locator('main')));
  const wallet = ana.path;
  for (const act of ['adjust', 'give']) {
    for (const amount of ['lots', '1']) {
      await ana.open(`${wallet}/${act}?amount=${amount}&reason=${encodeURIComponent(probe('reason'))}`);
      await look();
    }
  }
  await ana.open(wallet);
  const purchase = ana.section('Purchases').locator('li').filter({ has: ana.page.locator('form') }).first();
  await ana.unfold(purchase.locator('summary'));
  await ana.hands.type(ana.field('Why', purchase), probe('reason'));
  await ana.go(ana.button('See what happens', purchase));
  await look();
}
