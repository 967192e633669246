// Pages of somebody else, which send forms to every address that takes one, in the browser of somebody who is signed in.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';

// A page that sends a form to `to` as soon as it is opened. It is of another origin, and of the same site, so that the
// browser sends the cookie along: only the server can tell.
function page(to, fields) {
  const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  const inputs = fields.map(([name, value]) => `<input name="${escaped(name)}" value="${escaped(value)}">`).join('');
  return `<form method="post" action="${escaped(to)}">${inputs}</form><script>document.forms[0].submit()</script>`;
}

export async function sendForeignForms(ana, paths, csrf) {
  const server = createServer((request, response) => {
    const to = new URL(request.url, 'http://foreign').searchParams.get('to');
    response.setHeader('content-type', 'text/html').end(page(to, [['csrf', csrf]]));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const foreign = `http://127.0.0.1:${server.address().port}`;
  for (const path of paths) {
    const to = ana.world.url + path;
    const answered = ana.page.waitForResponse((response) => response.url() === to);
    await ana.page.goto(`${foreign}/?to=${encodeURIComponent(to)}`);
    const answer = await answered;
    const sent = await answer.request().allHeaders();
    assert.equal(sent.origin, foreign);
    assert.match(sent.cookie ?? '', /tare=/, 'the browser sends the cookie to where the form goes');
    assert.equal(answer.status(), 403, `${path} takes a form from ${foreign}`);
  }
  server.close();
  server.closeAllConnections();
}

// The same from this site's own pages, without what only they know.
export async function sendForgedForms(ana, paths) {
  for (const path of paths) {
    for (const csrf of [undefined, '', '0'.repeat(64)]) {
      const headers = { origin: ana.world.url, 'sec-fetch-site': 'same-origin' };
      const form = csrf === undefined ? {} : { csrf };
      const answer = await ana.context.request.post(path, { headers, form, maxRedirects: 0 });
      assert.equal(answer.status(), 403, `${path} takes a form with the token ${csrf}`);
    }
  }
}
