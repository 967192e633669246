// Auto top-up that is declined, pauses, says why and is resumed; and the letter before credits run out.

import assert from 'node:assert/strict';

import { books } from '../told.mjs';
import { Visitor } from '../visitor.mjs';
import { DECLINED_LATER, TAKEN, saveCard } from './purchases.mjs';
import { charge, makeKey, newKey } from './spend.mjs';

const TOM = 'tom@example.com';

async function addCard(visitor, number) {
  await visitor.open('/payment-methods');
  await visitor.go(visitor.button('Add a card'));
  await saveCard(visitor, number);
}

// Below the line already, so that it charges at once: the card is declined.
async function aDeclinedTopUpPauses(world) {
  const tom = (world.tom = await Visitor.arrive(world, TOM));
  await tom.open('/auto-top-up');
  await tom.signIn();
  await tom.sees('It needs a saved card.');
  await addCard(tom, DECLINED_LATER);
  await tom.open('/auto-top-up');
  await tom.hands.choose(tom.field('$20.00'));
  await tom.hands.type(tom.field(/^When available/), '10');
  await tom.hands.type(tom.field(/^At most in a month/), '100');
  await tom.go(tom.button('Go on'));
  await tom.sees('Turning it on now charges $20.00 at once, because you are below the line already.');
  const known = world.mails.to(TOM).length;
  await tom.goTwice(tom.button('I agree, charge $20.00 and turn it on'));
  await world.mails.find(TOM, known, /(paused)/);
  await tom.open('/profile');
  await tom.sees(/^Auto top-up is paused: /);
  await tom.go(tom.link('See auto top-up'));
  await tom.sees('It is paused');
  await tom.sees('Your bank has declined the card.');
  await books('a declined top-up', { [TOM]: { balance: '5', paid: '0', invoices: 0 } });
}

async function aTopUpIsResumedWithAnotherCard({ tom, mails }) {
  // Resumed with the same card it is declined again, and says so again.
  const known = mails.to(TOM).length;
  await tom.go(tom.button('Resume it'));
  await mails.find(TOM, known, /(paused)/);
  await addCard(tom, TAKEN);
  await tom.open('/auto-top-up');
  await tom.sees('It is paused');
  await books('declined again', { [TOM]: { balance: '5', paid: '0', invoices: 0 } });
  await tom.go(tom.button('Resume it'));
  await tom.isAt('/auto-top-up');
  await tom.sees('It is on');
  await books('topped up once', { [TOM]: { balance: '25', paid: '20', invoices: 1 } });
  await tom.page.reload();
  await tom.sees('$20.00 of $100.00');
  assert.equal(await tom.page.getByText(/^Auto top-up is paused/).count(), 0);
}

async function aChargeThatCrossesTheLineTopsUp(world) {
  const { tom } = world;
  await tom.open('/api-keys');
  await makeKey(tom, 'laptop');
  world.keyOfTom = await newKey(tom);
  await charge(world, world.keyOfTom, '15.50');
  await books('topped up by itself', { [TOM]: { balance: '29.50', paid: '40', invoices: 2 } });
  await tom.open('/auto-top-up');
  await tom.sees('4 of 5 tries');
  await tom.go(tom.button('Turn it off'));
  await tom.sees('It is off');
}

async function aLetterComesBeforeCreditsRunOut(world) {
  const { tom, mails } = world;
  await tom.open('/alerts');
  await tom.hands.type(tom.field('Tell below, in dollars'), '20');
  await tom.go(tom.button('Save'));
  const known = mails.to(TOM).length;
  await charge(world, world.keyOfTom, '9');
  await books('still above', { [TOM]: { balance: '20.50', paid: '40', invoices: 2 } });
  await charge(world, world.keyOfTom, '1');
  await mails.find(TOM, known, /(20\.00)/);
  await charge(world, world.keyOfTom, '1');
  await books('below', { [TOM]: { balance: '18.50', paid: '40', invoices: 2 } });
  await tom.open('/profile');
  await tom.sees('$18.50 of credits is available, below your line of $20.00.');
  assert.equal(mails.to(TOM).length, known + 1, 'one fall is one letter');
  await tom.go(tom.link('Add credits'));
  await tom.isAt('/credits');
  await tom.context.close();
}

export const topUp = [
  aDeclinedTopUpPauses,
  aTopUpIsResumedWithAnotherCard,
  aChargeThatCrossesTheLineTopsUp,
  aLetterComesBeforeCreditsRunOut,
];
