// Credits that are spent by requests, and how they are answered.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

// A chat request as any client sends it; answers its status and what it cost.
export async function ask({ url }, key, model, more = {}) {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'x-tare-project': 'website', ...more },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'What does a feather weigh?' }] }),
  });
  const { error } = await answer.json();
  return { status: answer.status, cost: answer.headers.get('x-tare-cost'), code: error?.code };
}

// What any product meters, by names that it makes up.
export async function charge({ url }, key, cost, used = {}) {
  const id = `hld_${randomUUID().replaceAll('-', '')}`;
  for (const [path, body] of [['', { id, amount: cost }], [`/${id}/settle`, { cost, ...used }]]) {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    const answer = await fetch(`${url}/api/v1/holds${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    assert(answer.ok, `${path}: ${answer.status} ${await answer.text()}`);
  }
}

// Makes a key on the page that somebody is at.
export async function makeKey(visitor, name, limit) {
  await visitor.hands.type(visitor.field('Name'), name);
  if (limit) await visitor.hands.type(visitor.field(/^At most/), limit);
  await visitor.go(visitor.button('Make a key'));
}

// The key that was just made: it is shown once.
export const newKey = (visitor) => visitor.field('The new API key').inputValue();
