// A real OpenID provider on loopback for the tests. It says its port, then does what the lines of JSON on its
// standard input ask for and answers each with a line:
//
//   {"do": "rotate"}                 signs with a new key from now on
//   {"do": "lie", "claims": {...}}   puts these claims into every identity, and signs them as its own; with
//                                    "forged": true, with a key that is not its own
//   {"do": "sign_in", "url": "...", "as": "ana"}   walks through the pages as a browser and answers where it ends
//
// People: `ana` has a verified mail address, `ben` one that nobody has verified, `cora` none.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { createRequire } from "node:module";

const require = createRequire(process.argv[2]);
const { default: Provider } = await import(require.resolve("oidc-provider"));

const people = {
  ana: { email: "Ana@Example.com", email_verified: true, name: "Ana Müller" },
  ben: { email: "ben@example.com", email_verified: false },
  cora: {},
};

const callbacks = process.argv.slice(3);
let keys = 0;
function key() {
  keys += 1;
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: `key-${keys}`, use: "sig", alg: "RS256" };
}

let port = 0;
let handle = null;
let lie = null;
const server = createServer((request, response) => handle(request, response));
await new Promise((done) => server.listen(port, "127.0.0.1", done));
port = server.address().port;
const issuer = `http://127.0.0.1:${port}`;

function serveWith(key) {
  const client = (client_id) => ({
    client_id,
    client_secret: "canary",
    redirect_uris: callbacks,
    response_types: ["code"],
    grant_types: ["authorization_code"],
  });
  const provider = new Provider(issuer, {
    clients: [client("tare"), client("other")],
    jwks: { keys: [key] },
    cookies: { keys: ["for tests"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: true } },
    pkce: { required: () => true, methods: ["S256"] },
    findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id, ...people[id] }) }),
  });
  provider.use(async (ctx, next) => {
    await next();
    if (lie && ctx.body?.id_token) ctx.body = { ...ctx.body, id_token: told(ctx.body.id_token, lie, key) };
  });
  handle = provider.callback();
}

function told(token, { claims, forged }, own) {
  const [head, body] = token.split(".");
  const changed = { ...JSON.parse(Buffer.from(body, "base64url")), ...claims };
  const text = `${head}.${Buffer.from(JSON.stringify(changed)).toString("base64url")}`;
  const by = forged ? generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey : createPrivateKey({ key: own, format: "jwk" });
  return `${text}.${sign("sha256", Buffer.from(text), by).toString("base64url")}`;
}
serveWith(key());
console.log(JSON.stringify({ port }));

// Follows redirects with a cookie jar, fills in the provider's own pages, and stops at our callback.
async function signIn(url, as) {
  const jar = new Map();
  const ask = async (url, form) => {
    const answer = await fetch(url, {
      method: form ? "POST" : "GET",
      redirect: "manual",
      headers: {
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(form ? { "content-type": "application/x-www-form-urlencoded" } : {}),
      },
      body: form ? new URLSearchParams(form) : undefined,
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair] = line.split(";");
      const at = pair.indexOf("=");
      jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return answer;
  };
  let answer = await ask(url);
  for (let steps = 0; steps < 20; steps += 1) {
    const location = answer.headers.get("location");
    if (location) {
      const next = new URL(location, url);
      if (callbacks.some((callback) => next.href.startsWith(callback))) return next.href;
      url = next.href;
      answer = await ask(url);
      continue;
    }
    const page = await answer.text();
    const action = page.match(/action="([^"]+)"/)?.[1];
    if (!action) throw new Error(`no way on from ${url}: ${page.slice(0, 300)}`);
    const prompt = page.match(/name="prompt" value="([^"]+)"/)?.[1];
    const form = prompt === "login" ? { prompt, login: as, password: "any" } : { prompt };
    url = new URL(action, url).href;
    answer = await ask(url, form);
  }
  throw new Error("the pages do not end");
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  try {
    if (asked.do === "rotate") {
      serveWith(key());
      console.log(JSON.stringify({ ok: true }));
    } else if (asked.do === "lie") {
      lie = asked;
      console.log(JSON.stringify({ ok: true }));
    } else {
      console.log(JSON.stringify({ url: await signIn(asked.url, asked.as) }));
    }
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
process.exit(0);
