// Devices are let in, sessions end, and nothing is lost by that.

import assert from 'node:assert/strict';

import { books } from '../told.mjs';

async function aDeviceIsLetInAndItsSessionEnded({ ana, url }) {
  const asked = await fetch(`${url}/api/device-auth/codes`, { method: 'POST', headers: { 'user-agent': 'clippy/1.0' } });
  const { code } = await asked.json();
  await ana.open('/device');
  await ana.hands.type(ana.field('The code that the device shows'), code);
  await ana.go(ana.button('Go on'));
  await ana.sees(code);
  await ana.go(ana.button('Yes, sign it in'));
  await ana.sees('The device is signed in');
  const { token } = await (await fetch(`${url}/api/device-auth/codes/${code}`)).json();
  const me = () => fetch(`${url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await me()).status, 200);
  await ana.go(ana.link('Go to your profile'));
  await ana.go(ana.button(/^End the session of clippy/));
  assert.equal((await me()).status, 401);
}

// Whatever somebody was about to do, they come back to its page after signing in again, and nothing was done twice.
async function anExpiredSessionReturnsToWhereOneWas({ ana }) {
  await ana.open('/usage?days=365');
  await ana.context.clearCookies();
  await ana.page.reload();
  await ana.isAt(/^\/sign-in\?next=%2Fusage%3Fdays%3D365$/);
  await ana.signIn();
  await ana.isAt('/usage?days=365');
  // The same at a form that was filled in already.
  await ana.open('/credits');
  await ana.hands.choose(ana.field('$20.00'));
  await ana.go(ana.button('Go on'));
  await ana.context.clearCookies();
  await ana.go(ana.button('Pay $20.00'));
  await ana.isAt(/^\/sign-in\?next=/);
  await ana.signIn();
  await ana.isAt(/^\/credits\/pay\?amount=20\.00/);
  await ana.sees('Pay $20.00');
  await ana.open('/api-keys');
  await ana.hands.type(ana.field('Name'), 'phone');
  await ana.context.clearCookies();
  await ana.go(ana.button('Make a key'));
  await ana.signIn();
  await ana.isAt('/api-keys');
  await books('signed in again', { 'ana@example.com': { paid: '92.34', invoices: 4 } });
}

async function whoSignsOutLeavesNothingBehind({ ana }) {
  await ana.open('/profile');
  await ana.go(ana.button('Sign out'));
  await ana.isAt('/sign-in');
  await ana.page.goBack();
  await ana.isAt(/^\/sign-in/);
}

export const sessions = [aDeviceIsLetInAndItsSessionEnded, anExpiredSessionReturnsToWhereOneWas, whoSignsOutLeavesNothingBehind];
