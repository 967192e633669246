// People are invited, come, get other roles, and are removed; the organization sets its rules.

import assert from 'node:assert/strict';

import { books } from '../told.mjs';
import { Visitor } from '../visitor.mjs';
import { ACME } from './organization.mjs';

const BOB = 'bob@example.com';
const CARL = 'carl@example.com';
const INVITATION = /(\/invitations\/[a-z]+_[0-9a-f]+)/;

const members = (people) => ({ [ACME]: { members: { 'ana@example.com': 'owner', ...people } } });

async function somebodyIsInvitedAndAccepts(world) {
  const { ana } = world;
  await ana.go(ana.link('Members'));
  await ana.hands.type(ana.field('Mail address'), BOB);
  await ana.hands.select(ana.field('As'), 'member');
  await ana.go(ana.button('Invite'));
  await ana.sees(BOB);
  await ana.sees('2 of 5 seats taken');
  await books('invited', members({}));
  const bob = (world.bob = await Visitor.arrive(world, BOB));
  await bob.open(await world.mails.find(BOB, 0, INVITATION));
  await bob.isAt(/^\/sign-in\?next=%2Finvitations/);
  await bob.signIn();
  await bob.isAt(/^\/invitations\//);
  await bob.sees(`Join ${ACME}`);
  await bob.go(bob.button('Accept the invitation'));
  await bob.isAt('/profile');
  await bob.switchTo(ACME);
  await bob.sees('$219.50');
  // A member sees no billing, also not by its address.
  assert.equal(await bob.link('Invoices').count(), 0);
  assert.equal(await bob.open(`${bob.path}/credits`), 403);
  await books('accepted', members({ [BOB]: 'member' }));
}

async function anInvitationIsMailedAgainAndTakenBack({ ana, mails }) {
  await ana.page.reload();
  await ana.hands.type(ana.field('Mail address'), CARL);
  await ana.hands.select(ana.field('As'), 'billing_manager');
  await ana.go(ana.button('Invite'));
  await mails.find(CARL, 0, INVITATION);
  await ana.go(ana.button(`Mail again to ${CARL}`));
  await mails.find(CARL, 1, INVITATION);
  await ana.go(ana.button(`Revoke the invitation of ${CARL}`));
  await ana.sees('Nobody waits for an answer.');
  // Somebody who is here already cannot be invited; what was typed stays.
  await ana.hands.type(ana.field('Mail address'), BOB);
  await ana.go(ana.button('Invite'));
  await ana.page.getByRole('alert').waitFor();
  assert.equal(await ana.field('Mail address').inputValue(), BOB);
}

async function aRoleAndALimitAreGiven({ ana, bob, mails }) {
  const known = mails.to(BOB).length;
  await ana.go(ana.link('Members'));
  await ana.unfold(ana.page.locator(`summary[aria-label="Change ${BOB}"]`));
  const change = ana.page.locator('details').filter({ hasText: `Remove ${BOB}` });
  await ana.hands.select(ana.field('Role', change), 'admin');
  await ana.go(ana.button('Give this role', change));
  await ana.sees('admin');
  await mails.find(BOB, known, /(admin)/);
  await books('an admin', members({ [BOB]: 'admin' }));
  await ana.unfold(ana.page.locator(`summary[aria-label="Change ${BOB}"]`));
  await ana.hands.type(ana.field(/^At most in a day/, change), 'a lot');
  await ana.go(ana.button('Set the limit', change));
  await ana.page.getByRole('alert').waitFor();
  await ana.unfold(ana.page.locator(`summary[aria-label="Change ${BOB}"]`));
  await ana.hands.type(ana.field(/^At most in a day/, change), '7.50');
  await ana.go(ana.button('Set the limit', change));
  await ana.sees('at most $7.50 a day');
  // An admin invites too, and may not touch the owner.
  await bob.open('/profile');
  await bob.switchTo(ACME);
  await bob.go(bob.link('Members'));
  await bob.button('Invite').waitFor();
  assert.equal(await bob.page.locator('summary[aria-label="Change ana@example.com"]').count(), 0);
}

async function policiesHoldWithTheNextRequest({ ana, url }) {
  await ana.go(ana.link('Settings'));
  await ana.hands.type(ana.field('Never these models'), 'demo/large');
  await ana.go(ana.button('Save'));
  assert.equal(await ana.field('Never these models').inputValue(), 'demo/large');
  await ana.hands.type(ana.field('Only these models'), 'no such * model\n'.repeat(3) + 'x'.repeat(300));
  await ana.go(ana.button('Save'));
  await ana.page.getByRole('alert').waitFor();
  assert.match(await ana.field('Only these models').inputValue(), /^no such \* model\n/);
  await ana.go(ana.link('Settings'));
  assert.equal(await ana.field('Only these models').inputValue(), '');
  await ana.hands.type(ana.field('Name of the organization'), 'Acme Inc');
  await ana.go(ana.button('Rename it'));
  await ana.hands.type(ana.field('Name of the organization'), ACME);
  await ana.go(ana.button('Rename it'));
  await books('renamed and back', { [ACME]: { balance: '219.50', paid: '250', invoices: 1 } });
}

async function aPageThatIsStaleIsToldSo(world) {
  const { ana, bob } = world;
  await ana.go(ana.link('Members'));
  const stale = await ana.context.newPage();
  const first = ana.page;
  const remove = async () => {
    await ana.unfold(ana.page.locator(`summary[aria-label="Change ${BOB}"]`));
    await ana.go(ana.button(`Remove ${BOB}`));
  };
  ana.turnTo(stale);
  await ana.open(new URL(first.url()).pathname);
  ana.turnTo(first);
  await remove();
  await ana.sees('1 of 5 seats taken');
  await books('removed', members({}));
  ana.turnTo(stale);
  await remove();
  await ana.page.getByRole('alert').waitFor();
  await stale.close();
  ana.turnTo(first);
  // What is somebody else's is absent.
  assert.equal(await bob.open(bob.path), 404);
  await bob.go(bob.link('Go to your profile'));
  assert.equal(await bob.page.locator('.switch').getByText(ACME).count(), 0);
  await books('removed once', members({}));
}

export const team = [
  somebodyIsInvitedAndAccepts,
  anInvitationIsMailedAgainAndTakenBack,
  aRoleAndALimitAreGiven,
  policiesHoldWithTheNextRequest,
  aPageThatIsStaleIsToldSo,
];
