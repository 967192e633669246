// Plays every flow of the pages in Chromium, as somebody at a browser.
//
//     node play.mjs URL MAILS mouse|keyboard script|no-script
//
// After each flow the test that started this is told what the books should say, and looks (told.mjs).

import { launch } from './chromium.mjs';
import { Keyboard, Mouse } from './hands.mjs';
import { Mails } from './mails.mjs';
import { Visitor } from './visitor.mjs';

import { byItself } from './flows/by_itself.mjs';
import { due } from './flows/due.mjs';
import { keys } from './flows/keys.mjs';
import { looking } from './flows/looking.mjs';
import { operator } from './flows/operator.mjs';
import { organization } from './flows/organization.mjs';
import { pass } from './flows/pass.mjs';
import { purchases } from './flows/purchases.mjs';
import { seats } from './flows/seats.mjs';
import { sessions } from './flows/sessions.mjs';
import { team } from './flows/team.mjs';
import { topUp } from './flows/top_up.mjs';

const [url, mails, hands, script, ...more] = process.argv.slice(2);
if (!['mouse', 'keyboard'].includes(hands) || !['script', 'no-script'].includes(script) || more.length) {
  console.error('usage: node play.mjs URL MAILS mouse|keyboard script|no-script');
  process.exit(2);
}

const browser = await launch();
const world = {
  browser,
  url,
  mails: new Mails(mails),
  hasScript: script === 'script',
  Hands: hands === 'mouse' ? Mouse : Keyboard,
};
world.ana = await Visitor.arrive(world, 'ana@example.com');
for (const flow of [due, pass, topUp, purchases, organization, byItself, team, keys, looking, seats, operator, sessions].flat()) {
  const began = Date.now();
  try {
    await flow(world);
  } catch (error) {
    throw new Error(`${flow.name} fails`, { cause: error });
  }
  console.error(`${flow.name}: ${Date.now() - began} ms`);
}
await browser.close();
// The test's end of the pipe is still open, and would keep this process.
process.exit(0);
