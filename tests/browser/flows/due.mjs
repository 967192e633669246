// What was not paid: service goes on for some days and ends then, and paying brings it back at once. What these people
// lived before stands in crates/tare/tests/program/pages/past.rs.

import assert from 'node:assert/strict';

import { books } from '../told.mjs';
import { Visitor } from '../visitor.mjs';
import { TAKEN, saveCard } from './purchases.mjs';
import { ask, makeKey, newKey } from './spend.mjs';

const [GRACE, LATE] = ['Grace Works', 'Late Works'];
const YEAR = '360.00';

// Somebody signs in, and has a key that spends the credits of an organization: how it is answered.
async function arrive(world, email, organization) {
  const visitor = await Visitor.arrive(world, email);
  await visitor.open('/api-keys');
  await visitor.signIn();
  await makeKey(visitor, 'laptop');
  const key = await newKey(visitor);
  await visitor.switchTo(organization);
  const [, id] = visitor.path.match(/\/organizations\/(org_\w+)/);
  return { visitor, spend: () => ask(world, key, 'demo/small', { 'x-tare-organization': id }) };
}

const bills = async (visitor) => {
  await visitor.go(visitor.link('Invoices'));
  return visitor.page.locator('tbody th a').count();
};

async function inTheDaysOfGraceEverythingGoesOn(world) {
  const { visitor: gil, spend } = await arrive(world, 'gil@example.com', GRACE);
  await gil.sees(/^A payment failed\. Everything goes on until/);
  const { status, cost } = await spend();
  assert.equal(status, 200);
  const unpaid = { [GRACE]: { balance: ['50', cost], paid: '410', invoices: 2 } };
  await books('in grace', unpaid);
  await gil.go(gil.link('Pay it'));
  await gil.sees(`$${YEAR}`);
  // The newest card is chosen, and is declined again; the other one pays.
  await gil.go(gil.button(`Pay $${YEAR}`));
  await gil.page.getByRole('alert').waitFor();
  await books('declined again', unpaid);
  await gil.hands.choose(gil.field(/4242/));
  await gil.goTwice(gil.button(`Pay $${YEAR}`));
  await gil.sees('Nothing is due');
  assert.equal(await gil.page.getByText(/^A payment failed/).count(), 0);
  const paid = { [GRACE]: { balance: ['50', cost], paid: '770', invoices: 3 } };
  await books('paid once', paid);
  assert.equal(await bills(gil), 3);
  // The form of a page that was left behind pays nothing a second time.
  await gil.page.goBack();
  await gil.page.reload();
  await gil.sees('Nothing is due');
  await books('went back', paid);
  await gil.context.close();
}

async function whoIsSuspendedIsServedAgainAtOnce(world) {
  const { visitor: sue, spend } = await arrive(world, 'sue@example.com', LATE);
  await sue.sees(/^Suspended: requests are refused until what is due is paid/);
  const refused = await spend();
  assert.deepEqual([refused.status, refused.code], [403, 'account_suspended']);
  // Everything can be read, and nothing else be bought meanwhile.
  for (const page of ['Credits', 'Seats', 'Usage', 'Invoices', 'Members']) {
    await sue.go(sue.link(page, sue.page.locator('.side')));
    await sue.sees(/^Suspended:/);
  }
  await books('suspended', { [LATE]: { balance: '50', paid: '410', invoices: 2 } });
  await sue.go(sue.link('Pay it'));
  await sue.sees(`$${YEAR}`);
  // Another card, which is charged with what is due when it is there.
  await sue.go(sue.button('Pay with another card'));
  await saveCard(sue, TAKEN);
  await sue.isAt(/^\/organizations\/org_\w+\/due$/);
  await books('paid with another card', { [LATE]: { balance: '50', paid: '770', invoices: 3 } });
  await sue.page.reload();
  await sue.sees('Nothing is due');
  assert.equal(await sue.page.getByText(/^Suspended/).count(), 0);
  const { status, cost } = await spend();
  assert.equal(status, 200);
  await books('served again', { [LATE]: { balance: ['50', cost], paid: '770', invoices: 3 } });
  await sue.context.close();
}

async function aPassThatWasNotPaidGoesOnWhenItIs(world) {
  const pat = await Visitor.arrive(world, 'pat@example.com');
  await pat.open('/credits/pass');
  await pat.signIn();
  await pat.sees('not paid');
  const PAT = 'pat@example.com';
  await books('not paid', { [PAT]: { balance: '228', paid: '228', invoices: 1 } });
  await pat.go(pat.link('Pay it', pat.page.locator('section')));
  await pat.sees('$228.00');
  await pat.go(pat.button('Pay $228.00'));
  await pat.isAt(/^\/sandbox\/payments\//);
  await pat.go(pat.button('Fail'));
  await pat.isAt(/^\/due\?payment_intent=/);
  await pat.page.getByRole('alert').waitFor();
  await books('the bank was told no', { [PAT]: { balance: '228', paid: '228', invoices: 1 } });
  await pat.go(pat.button('Pay $228.00'));
  await pat.go(pat.link('Close without an answer'));
  await pat.sees('A payment is on its way');
  await pat.go(pat.button('Pay $228.00'));
  await pat.isAt(/^\/sandbox\/payments\//);
  await pat.go(pat.button('Approve'));
  await pat.sees('Nothing is due');
  await books('a year of the pass again', { [PAT]: { balance: '247', paid: '456', invoices: 2 } });
  await pat.open('/credits/pass');
  await pat.page.getByText('active', { exact: true }).waitFor();
  await pat.context.close();
}

export const due = [inTheDaysOfGraceEverythingGoesOn, whoIsSuspendedIsServedAgainAtOnce, aPassThatWasNotPaidGoesOnWhenItIs];
