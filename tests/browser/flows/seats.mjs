// An organization chooses a plan, adds seats in the five steps of its page and removes them in four.

import { books } from '../told.mjs';
import { ACME } from './organization.mjs';

const after = (world, paid, invoices) => ({
  [ACME]: { balance: ['269.50', ...world.shared], paid, invoices, refunded: '30.50' },
});

async function aPlanIsChosen(world) {
  const { ana } = world;
  await ana.switchTo(ACME);
  await ana.go(ana.link('Seats'));
  await ana.sees('On trial of Enterprise');
  await ana.go(ana.page.locator('main').getByRole('link', { name: 'Choose a plan' }).first());
  await ana.hands.choose(ana.field(/^Teams/));
  await ana.hands.choose(ana.field('by the month'));
  await ana.hands.type(ana.field('Seats'), '2');
  await ana.go(ana.button('Review the cost'));
  await ana.sees('$36.00');
  await books('only reviewed', after(world, '300', 2));
  await ana.goTwice(ana.button('Confirm and pay $36.00'));
  await ana.sees(/^2 seats/);
  await books('a plan', after(world, '336', 3));
}

async function seatsAreAddedInFiveSteps(world) {
  const { ana } = world;
  // 1. Go to the organization. 2. "Add Seats". 3. Enter how many more.
  await ana.switchTo(ACME);
  await ana.go(ana.link('Seats'));
  await ana.go(ana.link('Add Seats'));
  await ana.hands.type(ana.field('How many more'), '3');
  // 4. Review the cost: the whole term, as it began today. 5. Confirm.
  await ana.go(ana.button('Review the cost'));
  await ana.sees('$54.00');
  await ana.go(ana.button('Confirm and pay $54.00'));
  await ana.sees(/^5 seats/);
  await books('seats were added', after(world, '390', 4));
}

async function seatsAreRemovedInFourSteps(world) {
  const { ana } = world;
  // 1. Navigate to the organization. 2. "Remove Seats". 3. Select them. 4. Confirm.
  await ana.switchTo(ACME);
  await ana.go(ana.link('Seats'));
  await ana.go(ana.link('Remove Seats'));
  await ana.hands.type(ana.field(/^How many of the empty seats/), '2');
  await ana.go(ana.button('Confirm reduction'));
  await ana.sees('2 fewer at the renewal');
  await ana.go(ana.button('Keep the 2 after all'));
  await ana.sees(/^5 seats/);
  await books('a removal was undone', after(world, '390', 4));
}

async function aPlanIsCancelledAndKept(world) {
  const { ana } = world;
  await ana.unfold(ana.page.locator('summary', { hasText: 'Cancel' }));
  await ana.go(ana.button('Cancel the plan'));
  await ana.go(ana.button('Keep the plan'));
  await ana.link('Add Seats').waitFor();
  await books('nothing was paid for that', after(world, '390', 4));
}

export const seats = [aPlanIsChosen, seatsAreAddedInFiveSteps, seatsAreRemovedInFourSteps, aPlanIsCancelledAndKept];
