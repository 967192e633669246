// A person signs in, and buys credits with the cards of the sandbox.

import assert from 'node:assert/strict';

import { books } from '../told.mjs';

const ANA = 'ana@example.com';
export const TAKEN = '4242 4242 4242 4242';
export const ASKS = '4000 0027 6000 3184';
export const DECLINED_LATER = '4000 0000 0000 0341';
export const DECLINED = '4000 0000 0000 0002';

async function signsInWithTheMailedCode({ ana }) {
  await ana.open('/credits');
  await ana.isAt('/sign-in?next=%2Fcredits');
  await ana.signIn(async (code) => {
    const other = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
    await ana.hands.type(ana.field('Code'), other);
    await ana.go(ana.button('Sign in'));
    await ana.page.getByRole('alert').waitFor();
    await ana.sees(ANA);
  });
  await ana.isAt('/credits');
  await books('signed in', { [ANA]: { balance: '5', paid: '0', invoices: 0 } });
}

// On the page of the sandbox: types a card and saves it.
export async function saveCard(visitor, number) {
  await visitor.isAt(/^\/sandbox\/setups\//);
  await visitor.hands.type(visitor.field('Number of a test card'), number);
  await visitor.go(visitor.button('Save the card'));
  if (await visitor.button('Approve').isVisible()) await visitor.go(visitor.button('Approve'));
}

export async function chooseAmount(visitor, words, card) {
  await visitor.hands.choose(visitor.field(words));
  if (card) await visitor.hands.choose(visitor.field(card));
  await visitor.go(visitor.button('Go on'));
}

async function theFirstPurchase({ ana }) {
  await chooseAmount(ana, '$20.00', 'A new card');
  await ana.sees('nothing is charged yet');
  await ana.go(ana.button('Type a card'));
  await saveCard(ana, DECLINED);
  await ana.page.getByRole('alert').waitFor();
  await books('a card was declined', { [ANA]: { balance: '5', paid: '0', invoices: 0 } });
  await saveCard(ana, TAKEN);
  await ana.isAt(/^\/credits\/pay\?amount=20\.00&card=crd_\w+&once=\w+$/);
  await ana.go(ana.button('Pay $20.00'));
  await ana.sees('The credits are there');
  await ana.sees('$25.00');
  await books('bought', { [ANA]: { balance: '25', paid: '20', invoices: 1 } });
  await ana.page.reload();
  // The page that paid says so, and there is nothing on it to pay with once more.
  await ana.page.goBack();
  await ana.sees('Bought already');
  assert.equal(await ana.button(/^Pay /).count(), 0);
  await ana.go(ana.link('See the purchase'));
  await books('went back and forth', { [ANA]: { balance: '25', paid: '20', invoices: 1 } });
  await ana.go(ana.link('Go on'));
  await ana.isAt('/profile');
  await ana.sees('$25.00');
}

// Two windows with one page, as somebody has who goes back to it: the second one answers with what the first one bought.
async function aFormThatIsSentTwiceBuysOnce({ ana }) {
  await ana.go(ana.link('Buy credits'));
  await chooseAmount(ana, '$10.00');
  const [first, second] = [ana.page, await ana.context.newPage()];
  await second.goto(first.url());
  await ana.goTwice(ana.button('Pay $10.00'));
  await ana.sees('The credits are there');
  const bought = ana.path;
  await books('sent twice', { [ANA]: { balance: '35', paid: '30', invoices: 2 } });
  ana.turnTo(second);
  await ana.go(ana.button('Pay $10.00'));
  await ana.isAt(bought);
  await books('sent by an old page', { [ANA]: { balance: '35', paid: '30', invoices: 2 } });
  await ana.go(ana.link('Buy again'));
  await ana.isAt('/credits');
  await second.close();
  ana.turnTo(first);
}

async function aWrongAmountIsSaidBesideIt({ ana }) {
  for (const [typed, said] of [['3', '$5.00 to $10,000.00'], ['ten', 'such as 25'], ['10000.01', '$5.00 to $10,000.00']]) {
    await ana.open('/credits');
    await ana.hands.choose(ana.field('Other'));
    await ana.hands.type(ana.field(/^Another amount/), typed);
    await ana.go(ana.button('Go on'));
    assert.equal(await ana.field(/^Another amount/).inputValue(), typed);
    await ana.page.getByRole('alert').filter({ hasText: said }).waitFor();
  }
  await books('wrong amounts', { [ANA]: { balance: '35', paid: '30', invoices: 2 } });
}

async function aDeclinedCardChargesNothing({ ana }) {
  await ana.open('/payment-methods');
  await ana.go(ana.button('Add a card'));
  await saveCard(ana, DECLINED_LATER);
  await ana.isAt('/payment-methods');
  await ana.open('/credits');
  await ana.hands.choose(ana.field('Other'));
  await ana.hands.type(ana.field(/^Another amount/), '12.34');
  await ana.hands.choose(ana.field(/0341/));
  await ana.go(ana.button('Go on'));
  await ana.go(ana.button('Pay $12.34'));
  await ana.page.getByRole('alert').waitFor();
  await books('declined', { [ANA]: { balance: '35', paid: '30', invoices: 2 } });
  // What was typed is still there, and another card pays it.
  assert.equal(await ana.field(/^Another amount/).inputValue(), '12.34');
  await ana.hands.choose(ana.field(/4242/));
  await ana.go(ana.button('Go on'));
  await ana.go(ana.button('Pay $12.34'));
  await ana.sees('The credits are there');
  await books('paid with another card', { [ANA]: { balance: '47.34', paid: '42.34', invoices: 3 } });
}

async function aBankMayWantToSeeSomebody({ ana }) {
  await ana.open('/payment-methods');
  await ana.go(ana.button('Add a card'));
  await saveCard(ana, ASKS);
  await ana.open('/credits');
  const pay = async () => {
    await chooseAmount(ana, '$50.00', /3184/);
    await ana.go(ana.button('Pay $50.00'));
    await ana.isAt(/^\/sandbox\/payments\//);
  };
  await pay();
  await ana.go(ana.button('Fail'));
  await ana.sees('Nothing was charged');
  await books('the bank was told no', { [ANA]: { balance: '47.34', paid: '42.34', invoices: 3 } });
  await ana.go(ana.link('Try another card'));
  await pay();
  await ana.go(ana.link('Close without an answer'));
  await ana.sees('Nothing is charged yet');
  await books('the bank waits', { [ANA]: { balance: '47.34', paid: '42.34', invoices: 3 } });
  await ana.go(ana.link('Go to your bank'));
  await ana.go(ana.button('Approve'));
  await ana.sees('The credits are there');
  await books('the bank was told yes', { [ANA]: { balance: '97.34', paid: '92.34', invoices: 4 } });
  // The page of the bank asks nothing any more, however somebody comes back to it.
  await ana.page.goBack();
  await ana.page.goForward();
  await books('went back to the bank', { [ANA]: { balance: '97.34', paid: '92.34', invoices: 4 } });
}

async function cardsAreForgotten({ ana }) {
  await ana.open('/payment-methods');
  for (const last4 of ['3184', '0341']) {
    await ana.go(ana.button(`Forget Visa ${last4}`));
    await ana.isAt('/payment-methods');
  }
  assert.equal(await ana.button(/^Forget/).count(), 1);
}

export const purchases = [
  signsInWithTheMailedCode,
  theFirstPurchase,
  aFormThatIsSentTwiceBuysOnce,
  aWrongAmountIsSaidBesideIt,
  aDeclinedCardChargesNothing,
  aBankMayWantToSeeSomebody,
  cardsAreForgotten,
];
