// Whoever runs the server finds a wallet, sees why its balance is what it is, and changes it, with a reason each time.

import assert from 'node:assert/strict';

import { books } from '../told.mjs';
import { Visitor } from '../visitor.mjs';
import { ACME } from './organization.mjs';
import { ask } from './spend.mjs';

const [OLGA, TOM] = ['olga@example.com', 'tom@example.com'];

async function aWalletIsFound(world) {
  const olga = (world.olga = await Visitor.arrive(world, OLGA));
  await olga.open('/operator');
  await olga.signIn();
  await olga.isAt('/operator');
  await olga.hands.type(olga.field(/^An address, a part of a name/), 'nobody at all');
  await olga.go(olga.button('Find'));
  await olga.sees('Nobody fits.');
  await olga.hands.type(olga.field(/^An address, a part of a name/), 'tom@');
  await olga.go(olga.button('Find'));
  await olga.go(olga.link(TOM));
  await olga.isAt(/^\/operator\/wallets\/wal_/);
  await olga.sees('$18.50');
  await olga.sees(/^auto top.up/i);
}

// What is wrong is said and stays typed; what is right is done once.
async function aWalletIsAdjusted({ olga }) {
  const form = olga.section('Adjust');
  const adjust = async (amount, why) => {
    await olga.hands.type(olga.field('Dollars, with a minus to take away', form), amount);
    await olga.hands.type(olga.field('Why', form), why);
    await olga.go(olga.button('Adjust', form));
  };
  await adjust('a lot', 'an outage in May');
  await olga.page.getByRole('alert').waitFor();
  assert.equal(await olga.field('Why', form).inputValue(), 'an outage in May');
  await adjust('-1000', 'took too much');
  await olga.page.getByRole('alert').waitFor();
  await books('not adjusted', { [TOM]: { balance: '18.50', paid: '40', invoices: 2 } });
  await olga.hands.type(olga.field('Dollars, with a minus to take away', form), '-0.25');
  await olga.goTwice(olga.button('Adjust', form));
  await olga.sees('$18.25');
  await books('adjusted once', { [TOM]: { balance: '18.25', paid: '40', invoices: 2 } });
}

async function creditsAreGiven({ olga }) {
  const form = olga.section('Give credits');
  await olga.hands.type(olga.field('Dollars', form), '10');
  await olga.hands.type(olga.field('Days until they expire', form), 'never');
  await olga.hands.type(olga.field('Why', form), 'goodwill');
  await olga.go(olga.button('Give them', form));
  await olga.page.getByRole('alert').waitFor();
  assert.equal(await olga.field('Dollars', form).inputValue(), '10');
  await olga.hands.type(olga.field('Days until they expire', form), '30');
  await olga.goTwice(olga.button('Give them', form));
  await olga.sees('$28.25');
  await books('given once', { [TOM]: { balance: '28.25', paid: '40', invoices: 2 } });
}

async function aPurchaseIsRefunded({ olga }) {
  const purchases = olga.section('Purchases');
  const first = purchases.locator('li').first();
  await olga.unfold(first.locator('summary'));
  await olga.hands.type(olga.field(/^Dollars, at most/, first), '1000');
  await olga.hands.type(olga.field('Why', first), 'asked by phone');
  await olga.go(olga.button('Refund it', first));
  await olga.page.getByRole('alert').waitFor();
  assert.equal(await olga.field('Why', first).inputValue(), 'asked by phone');
  await olga.hands.type(olga.field(/^Dollars, at most/, first), '5.50');
  await olga.goTwice(olga.button('Refund it', first));
  await books('refunded once', { [TOM]: { balance: '22.75', paid: '40', invoices: 2, refunded: '5.50' } });
}

// What would happen is shown first; then every request is refused, and served again, and no money moves by either.
async function serviceIsStoppedAndGoesOn(world) {
  const { olga, mails } = world;
  const still = { [TOM]: { balance: '22.75', paid: '40', invoices: 2, refunded: '5.50' } };
  await olga.go(olga.link('Suspend it'));
  await olga.hands.type(olga.field('Why, as the holder reads it'), 'A card that was stolen');
  await olga.go(olga.button('See what happens'));
  await olga.sees(/^From the next one on every request is refused/);
  const known = mails.to(TOM).length;
  await olga.goTwice(olga.button(/^Suspend /));
  await olga.isAt(/^\/operator\/wallets\/wal_/);
  await olga.sees(/^Suspended by hand since .*: A card that was stolen$/);
  await mails.find(TOM, known, /(A card that was stolen)/);
  const refused = await ask(world, world.keyOfTom, 'demo/small');
  assert.deepEqual([refused.status, refused.code], [403, 'account_suspended']);
  await books('suspended by hand', still);
  await olga.go(olga.link('Restore it'));
  await olga.hands.type(olga.field('Why it is restored'), 'It was his own');
  await olga.go(olga.button('See what happens'));
  await olga.goTwice(olga.button(/^Restore /));
  await olga.sees('Requests are served as long as there are credits.');
  await books('restored by hand', still);
  const { status, cost } = await ask(world, world.keyOfTom, 'demo/small');
  assert.equal(status, 200);
  await books('served again', { [TOM]: { ...still[TOM], balance: ['22.75', cost] } });
}

async function theLogSaysWhoAndWhy({ olga }) {
  await olga.go(olga.link('Audit log'));
  for (const why of ['took too much', 'goodwill', 'asked by phone', 'A card that was stolen', 'It was his own']) {
    const line = olga.page.locator('.people > li').filter({ hasText: why }).first();
    await olga.unfold(line.locator('summary'));
    await olga.sees(why);
  }
  assert.equal(await olga.page.locator('.people > li').filter({ hasText: OLGA }).count() >= 5, true);
  await olga.go(olga.link('Reconciliation'));
  await olga.sees('The books sum to zero');
  await olga.go(olga.link('Search'));
  await olga.hands.type(olga.field(/^An address, a part of a name/), ACME.slice(0, 4));
  await olga.go(olga.button('Find'));
  await olga.go(olga.link(ACME));
  await olga.sees(/organization/);
  await olga.context.close();
}

export const operator = [
  aWalletIsFound,
  aWalletIsAdjusted,
  creditsAreGiven,
  aPurchaseIsRefunded,
  serviceIsStoppedAndGoesOn,
  theLogSaysWhoAndWhy,
];
