// The pass: bought with cards that are declined and that ask, its bonus, another tier and back, ended and kept.

import assert from 'node:assert/strict';

import { books } from '../told.mjs';
import { Visitor } from '../visitor.mjs';
import { ASKS, DECLINED, DECLINED_LATER, saveCard } from './purchases.mjs';
import { charge, makeKey, newKey } from './spend.mjs';

const PIA = 'pia@example.com';
const REVIEW = /^\/credits\/pass\/review\?choice=19\.00\+monthly&card=crd_/;

const nothing = { [PIA]: { balance: '5', paid: '0', invoices: 0 } };

async function aPassIsChosenAndItsCardDeclined(world) {
  const pia = (world.pia = await Visitor.arrive(world, PIA));
  await pia.open('/credits/pass');
  await pia.signIn();
  await pia.isAt('/credits/pass');
  await pia.hands.choose(pia.field(/^\$19\.00 a month, by the month/));
  await pia.go(pia.button('Review the cost'));
  await pia.sees('$19.00 of credits that never expire');
  await pia.sees(/^\$9\.50 \(50 %\)/);
  await pia.go(pia.button('Type a card'));
  await saveCard(pia, DECLINED);
  await pia.page.getByRole('alert').waitFor();
  await saveCard(pia, DECLINED_LATER);
  await pia.isAt(REVIEW);
  await pia.go(pia.button('Subscribe and pay $19.00'));
  await pia.page.getByRole('alert').waitFor();
  await books('a declined pass', nothing);
}

async function aBankAsksBeforeAPass({ pia }) {
  await pia.go(pia.button('Type another card'));
  await saveCard(pia, ASKS);
  await pia.isAt(REVIEW);
  await pia.go(pia.button('Subscribe and pay $19.00'));
  await pia.isAt(/^\/sandbox\/payments\//);
  await pia.go(pia.button('Fail'));
  await pia.isAt(/^\/credits\/pass\?payment_intent=/);
  await pia.page.getByRole('alert').waitFor();
  await books('the bank was told no', nothing);
  await pia.hands.choose(pia.field(/^\$19\.00 a month, by the month/));
  await pia.go(pia.button('Review the cost'));
  await pia.goTwice(pia.button('Subscribe and pay $19.00'));
  await pia.go(pia.button('Approve'));
  await pia.isAt('/credits/pass');
  await pia.page.getByRole('heading', { name: '$19.00 a month, by the month' }).waitFor();
  await pia.page.getByText('active', { exact: true }).waitFor();
  await books('a pass', { [PIA]: { balance: '24', paid: '19', invoices: 1 } });
  await pia.page.goBack();
  await pia.page.goForward();
  await books('went back to the bank', { [PIA]: { balance: '24', paid: '19', invoices: 1 } });
}

// Half of the month's credits, all but the last dollar, and the bonus: once.
async function theBonusComesWithUse(world) {
  const { pia } = world;
  await pia.open('/api-keys');
  await makeKey(pia, 'laptop');
  const key = await newKey(pia);
  await charge(world, key, '9');
  await books('half of it is used', { [PIA]: { balance: '15', paid: '19', invoices: 1 } });
  await pia.open('/credits/pass');
  await pia.sees('$9.00 of $18.00');
  assert.equal(await pia.page.locator('svg.share rect').last().getAttribute('width'), '50');
  await charge(world, key, '9');
  await books('the bonus', { [PIA]: { balance: '15.50', paid: '19', invoices: 1 } });
  await pia.page.reload();
  await pia.sees('It is in your wallet: 50 % on top.');
  await charge(world, key, '1.25');
  await books('one bonus', { [PIA]: { balance: '14.25', paid: '19', invoices: 1 } });
}

const still = { [PIA]: { balance: '14.25', paid: '19', invoices: 1 } };

async function anotherTierIsChosenAndTakenBack({ pia }) {
  await pia.hands.choose(pia.field(/^\$49\.00 a month, by the year/));
  await pia.go(pia.button('Change it at the end of the period'));
  await pia.sees('From the end of the period on: $49.00 a month, by the year.');
  await books('another tier later', still);
  await pia.go(pia.button('Take the change back'));
  assert.equal(await pia.page.getByText(/^From the end of the period on/).count(), 0);
  await books('the same tier after all', still);
}

async function aPassIsEndedAndKept({ pia }) {
  await pia.unfold(pia.page.locator('summary', { hasText: 'Cancel' }));
  await pia.go(pia.button('Cancel the pass'));
  await pia.sees('It ends with its period.');
  await books('ended', still);
  await pia.go(pia.button('Keep the pass'));
  assert.equal(await pia.page.getByText(/^It ends with its period/).count(), 0);
  await pia.page.getByText('active', { exact: true }).waitFor();
  await books('kept', still);
  await pia.context.close();
}

export const pass = [
  aPassIsChosenAndItsCardDeclined,
  aBankAsksBeforeAPass,
  theBonusComesWithUse,
  anotherTierIsChosenAndTakenBack,
  aPassIsEndedAndKept,
];
