// An organization is founded, and buys credits in the five steps of its page.

import assert from 'node:assert/strict';

import { books } from '../told.mjs';
import { TAKEN, saveCard } from './purchases.mjs';

const ACME = 'Acme & Söhne';

async function anOrganizationIsFounded({ ana }) {
  await ana.open('/profile');
  await ana.switchTo('New organization');
  await ana.hands.type(ana.field('Name'), ACME);
  await ana.go(ana.button('Found it'));
  await ana.isAt(/^\/organizations\/org_/);
  await ana.page.getByRole('heading', { name: ACME, level: 1 }).waitFor();
  await books('founded', { [ACME]: { balance: '0', paid: '0', invoices: 0, members: { 'ana@example.com': 'owner' } } });
}

async function itsCardIsSaved({ ana }) {
  await ana.go(ana.link('Payment methods'));
  await ana.go(ana.button('Add a card'));
  await saveCard(ana, TAKEN);
  await ana.isAt(/^\/organizations\/org_\w+\/payment-methods$/);
}

async function creditsAreBoughtInFiveSteps({ ana }) {
  await ana.open('/profile');
  // 1. Navigate to the organization. 2. "Buy more credits". 3. Select an amount.
  await ana.switchTo(ACME);
  await ana.go(ana.link('Buy more credits'));
  for (const preset of ['$50.00', '$100.00', '$250.00', '$500.00', '$1,000.00']) await ana.field(preset).waitFor();
  await ana.hands.choose(ana.field('$250.00'));
  await ana.go(ana.button('Go on'));
  // 4. Complete the payment with the saved payment method. 5. The credits are available at once.
  await ana.go(ana.button('Pay $250.00'));
  await ana.sees('The credits are there');
  await books('bought for the organization', {
    [ACME]: { balance: '250', paid: '250', invoices: 1 },
    'ana@example.com': { balance: '97.34', paid: '92.34', invoices: 4 },
  });
  await ana.go(ana.link('Go on'));
  assert.match(await ana.page.locator('.balance').innerText(), /^\$250\.00$/);
}

async function oneTurnsBetweenOnesOwnAffairsAndIts({ ana }) {
  await ana.switchTo('Personal');
  await ana.isAt('/profile');
  await ana.sees('$97.34');
  await ana.switchTo(ACME);
  await ana.sees('$250.00');
}

export const organization = [
  anOrganizationIsFounded,
  itsCardIsSaved,
  creditsAreBoughtInFiveSteps,
  oneTurnsBetweenOnesOwnAffairsAndIts,
];
export { ACME };
