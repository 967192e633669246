// Keys that spend credits, and keys of a provider that spend none.

import assert from 'node:assert/strict';

import { books } from '../told.mjs';
import { ACME } from './organization.mjs';
import { ask, makeKey, newKey } from './spend.mjs';

const ANA = 'ana@example.com';

async function aKeyIsMadeAndShownOnce(world) {
  const { ana } = world;
  await ana.open('/api-keys');
  await makeKey(ana, 'laptop', 'much');
  await ana.page.getByRole('alert').waitFor();
  assert.equal(await ana.field('Name').inputValue(), 'laptop');
  assert.equal(await ana.field(/^At most/).inputValue(), 'much');
  await ana.hands.select(ana.field('In each'), 'day');
  await makeKey(ana, 'laptop', '2.50');
  world.key = await newKey(ana);
  assert.match(world.key, /^tare_sk_/);
  await ana.sees('$2.50 a day');
  await ana.open('/api-keys');
  await ana.sees('laptop');
  assert(!(await ana.page.content()).includes(world.key), 'a key is shown a second time');
  world.spent = [];
  const { status, cost } = await ask(world, world.key, 'demo/small');
  assert.equal(status, 200);
  world.spent.push(cost);
  await books('a request with the key', { [ANA]: { balance: ['97.34', ...world.spent], paid: '92.34', invoices: 4 } });
  await ana.open('/profile');
  await ana.sees('demo/small');
}

async function anOrganizationsCreditsAreSpentUnderItsPolicy(world) {
  const { ana } = world;
  await ana.switchTo(ACME);
  await ana.go(ana.link('API keys'));
  await makeKey(ana, 'build server');
  const key = await newKey(ana);
  const refused = await ask(world, key, 'demo/large');
  assert.deepEqual([refused.status, refused.code], [404, 'model_not_allowed']);
  const { status, cost } = await ask(world, key, 'demo/small');
  assert.equal(status, 200);
  world.shared = [cost];
  await books('the organization pays', {
    [ACME]: { balance: ['219.50', cost], paid: '250', invoices: 1 },
    [ANA]: { balance: ['97.34', ...world.spent], paid: '92.34', invoices: 4 },
  });
  await ana.go(ana.link('API keys'));
  await ana.go(ana.button('Revoke build server'));
  assert.equal((await ask(world, key, 'demo/small')).status, 401);
}

async function aProvidersKeySpendsNoCredits(world) {
  const { ana } = world;
  await ana.open('/byok-keys');
  await ana.hands.type(ana.field('Name'), 'mine');
  await ana.hands.type(ana.field('Key'), 'sk-own-canary-0001');
  await ana.go(ana.button('Keep it'));
  await ana.sees('…0001');
  assert(!(await ana.page.content()).includes('canary'), 'a kept key is shown');
  assert.equal((await ask(world, world.key, 'demo/small')).status, 200);
  await books('an own key pays', { [ANA]: { balance: ['97.34', ...world.spent], paid: '92.34', invoices: 4 } });
  await ana.unfold(ana.page.locator('summary[aria-label="Change the key for demo"]'));
  await ana.hands.type(ana.field('Another key in its place'), 'sk-own-canary-0002');
  await ana.go(ana.button('Replace it'));
  await ana.sees('…0002');
  await ana.unfold(ana.page.locator('summary[aria-label="Change the key for demo"]'));
  await ana.go(ana.button('Forget the key for demo'));
  await ana.sees('None yet.');
  const { cost } = await ask(world, world.key, 'demo/large');
  world.spent.push(cost);
  await books('credits pay again', { [ANA]: { balance: ['97.34', ...world.spent], paid: '92.34', invoices: 4 } });
}

async function aKeyIsRevoked(world) {
  const { ana } = world;
  await ana.open('/api-keys');
  await ana.go(ana.button('Revoke laptop'));
  assert.equal((await ask(world, world.key, 'demo/small')).status, 401);
}

export const keys = [
  aKeyIsMadeAndShownOnce,
  anOrganizationsCreditsAreSpentUnderItsPolicy,
  aProvidersKeySpendsNoCredits,
  aKeyIsRevoked,
];
