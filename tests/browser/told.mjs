// Tells the test what the books should say by now, and waits until it has looked. One line of JSON each way.

import { createInterface } from 'node:readline';

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function ask(line) {
  console.log(JSON.stringify(line));
  const { value, done } = await answers.next();
  if (done) throw new Error('the test has gone');
  const answer = JSON.parse(value);
  if (answer.wrong) throw new Error(answer.wrong);
  return answer;
}

// What wallets have, by the mail address of a person or the name of an organization:
// `{ 'ana@example.com': { balance: '25', paid: '20', invoices: 1 } }`.
export const books = (flow, wallets) => ask({ flow, wallets });

// Lets somebody of this name become a member of an organization, as an operator can.
export const join = (organization, member) => ask({ organization, member });
