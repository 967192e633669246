// What was spent, bought and changed, and the same as files.

import assert from 'node:assert/strict';

import { books } from '../told.mjs';
import { ACME } from './organization.mjs';

// Opens the link to a CSV file in the browser's own session, as rows of fields.
async function csv(visitor) {
  const path = await visitor.link('CSV').getAttribute('href');
  const answer = await visitor.context.request.get(path);
  assert.match(answer.headers()['content-type'], /^text\/csv/);
  return (await answer.text()).trim().split('\r\n').map((line) => line.split(','));
}

// The sum of a column in nanodollars.
function sum(rows, name) {
  const column = rows[0].indexOf(name);
  assert(column >= 0, `there is no column ${name} in ${rows[0]}`);
  return rows.slice(1).reduce((total, row) => total + nanos(row[column]), 0n);
}

function nanos(text) {
  const [whole, places = ''] = text.split('.');
  return BigInt(whole + places.padEnd(9, '0').slice(0, 9));
}

async function usageIsSeenAndTakenAlong(world) {
  const { ana } = world;
  await ana.open('/usage');
  for (const words of ['demo/small', 'demo/large']) await ana.sees(words);
  await ana.go(ana.link('By project'));
  await ana.sees('website');
  const spent = world.spent.reduce((total, cost) => total + nanos(cost), 0n);
  const shown = await ana.page.locator('.figures dd').first().getAttribute('title');
  assert.equal(nanos(shown.slice(1)), spent);
  assert.equal(sum(await csv(ana), 'debited'), spent);
  for (const period of ['Past week', 'Past year', 'All time']) {
    await ana.go(ana.link(period, ana.page.locator('.tabs')));
    await ana.sees('demo/large');
  }
  await ana.switchTo(ACME);
  await ana.go(ana.link('Usage'));
  const shared = nanos(world.shared[0]);
  assert.equal(sum(await csv(ana), 'debited'), shared);
  await ana.go(ana.link('Only mine'));
  assert.equal(nanos((await ana.page.locator('.figures dd').first().getAttribute('title')).slice(1)), shared);
}

async function theAuditLogTellsWhatChanged({ ana }) {
  await ana.go(ana.link('Audit log'));
  for (const action of ['member: remove', 'policy: set', 'api key: create']) await ana.sees(action);
  await ana.hands.type(ana.field('Action'), 'member.');
  await ana.go(ana.button('Show these'));
  const lines = ana.page.locator('.people > li');
  const shown = await lines.count();
  assert(shown >= 3, `${shown} lines about members`);
  assert((await csv(ana)).length > shown + 1, 'the file has every line');
  await ana.unfold(lines.filter({ hasText: 'member: set role' }).locator('summary'));
  await ana.sees(/admin/);
}

async function invoicesAreFoundAndNameTheBuyer({ ana }) {
  await ana.go(ana.link('Invoices'));
  const numbers = ana.page.locator('tbody th a');
  assert.equal(await numbers.count(), 2, 'an invoice and its credit note');
  await ana.go(numbers.last());
  await ana.sees('$250.00');
  await ana.sees(/visa 4242/i);
  const pdf = await ana.context.request.get(await ana.link('Download the PDF').getAttribute('href'));
  assert.equal((await pdf.body()).subarray(0, 5).toString(), '%PDF-');
  await ana.go(ana.link('All invoices'));
  await ana.unfold(ana.page.locator('summary', { hasText: 'Who buys' }));
  await ana.hands.type(ana.field('Name'), 'Acme GmbH');
  await ana.hands.type(ana.field('City'), 'Köln');
  await ana.hands.type(ana.field(/^Country/), 'Ö');
  await ana.go(ana.button('Save'));
  await ana.page.getByRole('alert').waitFor();
  assert.equal(await ana.field('City').inputValue(), 'Köln');
  await ana.hands.type(ana.field(/^Country/), 'DE');
  await ana.go(ana.button('Save'));
  // From now on: what was issued stays as it is.
  await ana.go(numbers.last());
  assert.equal(await ana.page.getByText('Acme GmbH').count(), 0);
  await ana.go(ana.link('Credits'));
  await ana.hands.choose(ana.field('$50.00'));
  await ana.go(ana.button('Go on'));
  await ana.go(ana.button('Pay $50.00'));
  await ana.go(ana.link('Invoices', ana.page.locator('main')));
  await ana.hands.select(ana.field('For'), 'credits');
  await ana.go(ana.button('Show these'));
  assert.equal(await numbers.count(), 3);
  await ana.go(numbers.first());
  await ana.sees('Acme GmbH');
}

async function theBooksAgreeInTheEnd(world) {
  await books('everything was looked at', {
    [ACME]: { balance: ['269.50', ...world.shared], paid: '300', invoices: 2, refunded: '30.50' },
    'ana@example.com': { balance: ['97.34', ...world.spent], paid: '92.34', invoices: 4 },
  });
}

export const looking = [
  usageIsSeenAndTakenAlong,
  theAuditLogTellsWhatChanged,
  invoicesAreFoundAndNameTheBuyer,
  theBooksAgreeInTheEnd,
];
