// Credits that are bought by themselves, that go back to their card, and letters before they run out.

import assert from 'node:assert/strict';

import { books } from '../told.mjs';
import { ACME } from './organization.mjs';

const ANA = 'ana@example.com';

// Below the line already: the page says what it charges at once, and charges that.
async function autoTopUpChargesWhatItSaid({ ana }) {
  await ana.open('/auto-top-up');
  await ana.sees('It is off');
  await ana.hands.type(ana.field(/^When available/), 'soon');
  await ana.go(ana.button('Go on'));
  await ana.page.getByRole('alert').waitFor();
  assert.equal(await ana.field(/^When available/).inputValue(), 'soon');
  await ana.hands.choose(ana.field('$50.00'));
  await ana.hands.type(ana.field(/^When available/), '5');
  await ana.hands.type(ana.field(/^At most in a month/), '1000');
  await ana.go(ana.button('Go on'));
  await ana.sees('Nothing is charged now.');
  await ana.go(ana.button('I agree, turn it on'));
  await ana.isAt('/auto-top-up');
  await ana.sees('It is on');
  await books('auto top-up is on', { [ANA]: { balance: '97.34', paid: '92.34', invoices: 4 } });
  await ana.go(ana.button('Turn it off'));
  await ana.sees('It is off');
}

// A part of the purchase of 250 goes back, once however often it is sent.
async function whatIsUnusedGoesBack({ ana }) {
  await ana.switchTo(ACME);
  await ana.go(ana.link('Credits'));
  await ana.go(ana.page.locator('tbody th a').first());
  await ana.go(ana.link('Refund what is unused'));
  await ana.hands.type(ana.field('Refund, in dollars'), '1000');
  await ana.hands.type(ana.field('Why'), 'bought too much');
  await ana.go(ana.button('See what goes back'));
  await ana.page.getByRole('alert').waitFor();
  assert.equal(await ana.field('Why').inputValue(), 'bought too much');
  await ana.hands.type(ana.field('Refund, in dollars'), '30.50');
  await ana.go(ana.button('See what goes back'));
  await books('nothing went back yet', { [ACME]: { balance: '250', paid: '250', invoices: 1 } });
  await ana.goTwice(ana.button('Refund $30.50'));
  await ana.sees('bought too much');
  await books('refunded', { [ACME]: { balance: '219.50', paid: '250', invoices: 1, refunded: '30.50' } });
  await ana.go(ana.link('Invoices', ana.page.locator('main')));
  await ana.sees('credit note');
}

async function aLetterIsWishedBeforeCreditsRunOut({ ana }) {
  await ana.go(ana.link('Alerts'));
  await ana.hands.type(ana.field('Tell below, in dollars'), 'low');
  await ana.go(ana.button('Save'));
  await ana.page.getByRole('alert').waitFor();
  assert.equal(await ana.field('Tell below, in dollars').inputValue(), 'low');
  await ana.hands.type(ana.field('Tell below, in dollars'), '25');
  await ana.go(ana.button('Save'));
  await ana.isAt(/\/alerts$/);
  await ana.page.getByText('on', { exact: true }).waitFor();
}

export const byItself = [autoTopUpChargesWhatItSaid, whatIsUnusedGoesBack, aLetterIsWishedBeforeCreditsRunOut];
