// Whoever runs the server finds a wallet, sees why its balance is what it is, and changes it, with a reason each time.

import assert from 'node:assert/strict';

import { books } from '../told.mjs';
import { Visitor } from '../visitor.mjs';
import { ACME } from './organization.mjs';
import { ask as askModel } from './spend.mjs';

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

// What is asked for on the wallet's page, up to what would happen.
async function ask(olga, form, words) {
  for (const [label, text] of words) await olga.hands.type(olga.field(label, form), text);
  await olga.go(olga.button('See what happens', form));
}

// What is wrong is said beside its field, which has the focus, and the rest stays typed.
async function isWrong(olga, id, kept) {
  await olga.page.getByRole('alert').waitFor();
  assert.equal(await olga.page.evaluate(() => document.activeElement.id), id);
  await olga.page.locator(`#${id}-wrong`).waitFor();
  assert.equal(await olga.field('Why').inputValue(), kept);
}

// Nothing happens by looking; what was shown is done once.
async function aWalletIsAdjusted({ olga }) {
  const amount = 'Dollars, with a minus to take away';
  await ask(olga, olga.section('Adjust'), [[amount, 'a lot'], ['Why', 'an outage in May']]);
  await isWrong(olga, 'amount', 'an outage in May');
  await ask(olga, olga.page, [[amount, '-1000'], ['Why', 'took too much']]);
  await isWrong(olga, 'amount', 'took too much');
  await ask(olga, olga.page, [[amount, '-0.25']]);
  await olga.sees('$18.50');
  await olga.sees('$18.25');
  await books('not adjusted', { [TOM]: { balance: '18.50', paid: '40', invoices: 2 } });
  await olga.goTwice(olga.button('Adjust by -$0.25'));
  await olga.isAt(/^\/operator\/wallets\/wal_\w+$/);
  await olga.sees('$18.25');
  await books('adjusted once', { [TOM]: { balance: '18.25', paid: '40', invoices: 2 } });
}

async function creditsAreGiven({ olga }) {
  await ask(olga, olga.section('Give credits'), [['Dollars', '10'], ['Days until they expire', 'ever'], ['Why', 'goodwill']]);
  await isWrong(olga, 'days', 'goodwill');
  assert.equal(await olga.field('Dollars').inputValue(), '10');
  await ask(olga, olga.page, [['Days until they expire', '30']]);
  await olga.sees(/not paid for, that expires on/);
  await olga.goTwice(olga.button('Give $10.00'));
  await olga.sees('$28.25');
  await books('given once', { [TOM]: { balance: '28.25', paid: '40', invoices: 2 } });
  // Going back and pressing it again gives nothing more.
  await olga.page.goBack();
  await books('gone back', { [TOM]: { balance: '28.25', paid: '40', invoices: 2 } });
  await olga.page.goForward();
}

async function aPurchaseIsRefunded({ olga }) {
  const first = olga.section('Purchases').locator('li').first();
  await olga.unfold(first.locator('summary'));
  await ask(olga, first, [[/^Dollars, at most/, '1000'], ['Why', 'asked by phone']]);
  await isWrong(olga, 'amount', 'asked by phone');
  await ask(olga, olga.page, [['Dollars, without the tax', '5.50']]);
  await olga.sees(/^The card gets \$5\.50 back, and the purchase gets a credit note/);
  await olga.goTwice(olga.button('Refund $5.50'));
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
  const refused = await askModel(world, world.keyOfTom, 'demo/small');
  assert.deepEqual([refused.status, refused.code], [403, 'account_suspended']);
  await books('suspended by hand', still);
  await olga.go(olga.link('Restore it'));
  await olga.hands.type(olga.field('Why it is restored'), 'It was his own');
  await olga.go(olga.button('See what happens'));
  await olga.goTwice(olga.button(/^Restore /));
  await olga.sees('Requests are served as long as there are credits.');
  await books('restored by hand', still);
  const { status, cost } = await askModel(world, world.keyOfTom, 'demo/small');
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
