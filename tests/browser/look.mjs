// Looks at every page in Chromium, with probes for names, and sends foreign forms to every address that takes one.
//
//     node look.mjs URL MAILS ROUTES
//
// ROUTES is JSON: every page and form as `{ method, path, rule }`. A page that was not looked at fails this.

import assert from 'node:assert/strict';

import { launch } from './chromium.mjs';
import { Mouse } from './hands.mjs';
import { fill } from './looks/fill.mjs';
import { sendForeignForms, sendForgedForms } from './looks/foreign.mjs';
import { Inspector } from './looks/inspect.mjs';
import { REFLECTING } from './looks/probes.mjs';
import { Mails } from './mails.mjs';
import { Visitor } from './visitor.mjs';

// What stands on some page as a name.
const KINDS = ['organization', 'key', 'member', 'model', 'project', 'provider', 'own', 'policy', 'buyer', 'address', 'reason', 'device', 'typed'];
// Answers that are no pages, or lead to another at once; and those that belong to another test, with a provider of its own.
const NO_PAGES = [/^\/$/, /\.(csv|pdf|json)$/, /[?&]format=csv/, /^\/sign-in\/oidc/, /\/(credits|seats)\/paid$/];

const [url, mails, list] = process.argv.slice(2);
const routes = JSON.parse(list);
const world = { browser: await launch(), url, mails: new Mails(mails), hasScript: true, Hands: Mouse };
const ana = await Visitor.arrive(world, 'ana@example.com');
const inspector = new Inspector(ana);

const base = await fill(ana, inspector, world);
await crawl(['/profile', base, '/api/docs', '/no-such-page', '/operator', '/operator?text=data-probe', ...REFLECTING('', base)]);
const forms = fillIn(routes.filter(({ method }) => method === 'POST'));
for (const action of inspector.actions) assert(forms.some(({ pattern }) => pattern.test(action)), `${action} is no route`);
await ana.open('/profile');
await sendForeignForms(ana, forms.map(({ path }) => path), await ana.page.locator('[name="csrf"]').first().inputValue());
await sendForgedForms(ana, forms.filter(({ rule }) => rule !== 'Anyone').map(({ path }) => path));

inspector.finish();
await lookAtWhatIsDue();
const missed = fillIn(routes.filter(({ method, path }) => method === 'GET' && !NO_PAGES.some((no) => no.test(path))));
const unseen = missed.filter(({ pattern }) => ![...inspector.seen].some((path) => pattern.test(path)));
assert.deepEqual(unseen.map(({ route }) => route), [], 'pages that nobody looked at: lead to them in looks/fill.mjs');
assert.deepEqual(KINDS.filter((kind) => !inspector.kinds.has(kind)), [], 'probes that stood on no page');
console.error(`${inspector.seen.size} pages, ${forms.length} forms`);
await world.browser.close();
process.exit(0);

// The same pages look otherwise to those who have not paid: in the days of grace, suspended, and without their pass.
async function lookAtWhatIsDue() {
  const people = [['gil', 'Grace Works'], ['sue', 'Late Works'], ['pat', null]];
  for (const [name, organization] of people) {
    const visitor = await Visitor.arrive(world, `${name}@example.com`);
    const theirs = new Inspector(visitor);
    await visitor.open(organization ? '/profile' : '/credits/pass');
    await visitor.signIn();
    if (organization) await visitor.switchTo(organization);
    await theirs.look();
    await visitor.go(visitor.link('Pay it', visitor.page.locator('main')));
    await theirs.look();
    theirs.finish();
    await visitor.context.close();
  }
}

// Follows every link from these pages on, and looks at what it comes to for the first time.
async function crawl(paths) {
  const known = new Set(paths);
  const shapes = new Map();
  for (const path of known) {
    await ana.open(path);
    if (inspector.seen.has(new URL(ana.page.url()).pathname) && !path.includes('?')) {
      for (const link of await ana.page.locator('a[href]').evaluateAll((all) => all.map((a) => a.href))) add(link);
      continue;
    }
    for (const link of await inspector.look()) add(link);
  }
  // Of pages that differ only in which thing they show, or in what was asked for, two are as good as a thousand.
  function add(link) {
    const { origin, pathname, search, searchParams } = new URL(link);
    if (origin !== url || known.has(pathname + search) || NO_PAGES.some((no) => no.test(pathname + search))) return;
    const shape = [pathname.replace(/\/[a-z]{3}_\w+/g, '/{}'), ...[...searchParams.keys()].sort()].join(' ');
    shapes.set(shape, (shapes.get(shape) ?? 0) + 1);
    if (shapes.get(shape) <= 2) known.add(pathname + search);
  }
}

// Routes with what stands in their braces, and the pattern of all that they match.
function fillIn(some) {
  return some.map(({ path: route, rule }) => {
    const pattern = new RegExp(`^${route.replace(/\{organization\}/g, 'org_\\w+').replace(/\{\w+\}/g, '[^/]+')}$`);
    const path = [...inspector.actions].find((action) => pattern.test(action)) ?? route.replace('/organizations/{organization}', base).replace(/\{\w+\}/g, 'none');
    return { route, rule, pattern, path };
  });
}
