// Sends mixed chat requests with the Vercel AI SDK, eight at a time, and checks each reply.
//
//     node vercel_ai.mjs BASE_URL API_KEY SEED COUNT
//
// Prints one JSON line for each request, as openai_sdk.py beside it does, with tags `ai-SEED-N`. Nothing is
// retried, so that each tag is one call upstream. The packages stand in .tools/npm, where tools/setup puts them.

import { createRequire } from 'node:module';

const AT_ONCE = 8;
const MODELS = ['demo/small', 'demo/large', 'demo/reports-cost'];
const QUESTIONS = [
  'What does a feather weigh?',
  'Grüße aus Łódź! Was kostet 1 kg 🍎 bei 3,20 €? 値段は？',
  'Count the apples. '.repeat(400),
  '{"json": "inside \\"quotes\\"", "tab": "\\t", "line": "\\n"}',
];
// What a provider may report besides plain tokens; the demo upstream does as it is told in double brackets.
const SPLIT = '[[cut=3 split_utf8]]';
const REPORTS = ['[[p=1000 cr=300]]', '[[p=900 cr=200 cw=100]]', '[[reasoning=7]]', SPLIT];
// How a reply begins whose characters were sent in pieces.
const MANY_BYTES = 'Grüße aus Łódź: 🍎🍋 kosten drei €, 茶も少し。 ';

const require = createRequire(new URL('../../.tools/npm/', import.meta.url));
const { generateText, jsonSchema, streamText, tool } = require('ai');
const { createOpenAICompatible } = require('@ai-sdk/openai-compatible');

const TOOLS = {
  weigh: tool({
    description: 'Weighs a thing.',
    inputSchema: jsonSchema({ type: 'object', properties: { thing: { type: 'string' } }, required: ['thing'] }),
  }),
};

// Numbers in [0, 1) from a seed, the same on every machine (mulberry32).
function diceOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

// The request with this number: the same for the same seed, whatever ran before it.
function makeRequest(seed, number) {
  const dice = diceOf(seed * 1_000_003 + number);
  const pick = (list) => list[Math.floor(dice() * list.length)];
  const tag = `ai-${seed}-${number}`;
  let question = `${pick(QUESTIONS)} (no. ${number})`;
  // The demo upstream repeats the beginning of the question, so a byte lost on the way shows.
  let beginning = `You said: "${Array.from(question).slice(0, 100).join('')}`;
  if (dice() < 0.25) {
    const report = pick(REPORTS);
    question += ` ${report}`;
    if (report === SPLIT) beginning = MANY_BYTES + beginning;
  }
  const messages = [{ role: 'user', content: dice() < 0.25 ? [{ type: 'text', text: question }] : question }];
  if (dice() < 0.4) messages.unshift({ role: 'user', content: 'Hello.' }, { role: 'assistant', content: 'Good day.' });
  const request = { messages, maxRetries: 0, providerOptions: { tare: { user: tag } } };
  if (dice() < 0.5) request.system = 'You are a greengrocer.';
  if (dice() < 0.4) request.maxOutputTokens = pick([10, 16, 40, 4000]);
  if (dice() < 0.25) request.tools = TOOLS;
  // Tare keeps the name of a project with the charge, so the caller can find it by the tag.
  request.headers = { 'x-tare-project': tag, ...(dice() < 0.3 && { 'x-demo-tag': tag }) };
  return { tag, beginning, request, model: pick(MODELS), stream: dice() < 0.5 };
}

// The reply's text, why it ended, its usage and the cost that the header names.
async function send(model, request, stream) {
  if (!stream) {
    const { text, finishReason, usage, response } = await generateText({ ...request, model });
    return { text, finish: finishReason, usage, cost: response.headers?.['x-tare-cost'] ?? null };
  }
  let failure;
  const reply = streamText({ ...request, model, onError: ({ error }) => (failure = error) });
  let text = '';
  for await (const piece of reply.textStream) text += piece;
  if (failure) throw failure;
  return { text, finish: await reply.finishReason, usage: await reply.usage, cost: null };
}

// Why the reply is wrong; null when it is right.
function judge({ request, beginning }, { text, finish, usage }) {
  if (!text) return 'no content';
  if (!text.startsWith(beginning.slice(0, text.length))) {
    return `the reply begins ${JSON.stringify(text.slice(0, 60))}, not ${JSON.stringify(beginning.slice(0, 60))}`;
  }
  if (finish !== 'stop' && finish !== 'length') return `finish reason ${finish}`;
  const { inputTokens, outputTokens } = usage;
  if (!(inputTokens > 0) || !(outputTokens > 0)) return `usage ${JSON.stringify(usage)}`;
  const limit = request.maxOutputTokens;
  return limit && outputTokens > limit ? `${outputTokens} tokens of at most ${limit}` : null;
}

async function ask(provider, seed, number) {
  const made = makeRequest(seed, number);
  const line = { tag: made.tag, model: made.model, stream: made.stream, usage: null, cost: null, error: null };
  try {
    const reply = await send(provider(made.model), made.request, made.stream);
    line.cost = reply.cost;
    line.usage = {
      prompt_tokens: reply.usage.inputTokens,
      completion_tokens: reply.usage.outputTokens,
      total_tokens: reply.usage.totalTokens,
    };
    line.error = judge(made, reply);
  } catch (error) {
    line.error = `${error.name}: ${error.message}`;
  }
  line.ok = line.error === null;
  console.log(JSON.stringify(line));
  return line.ok;
}

async function main(baseURL, apiKey, seed, count) {
  const provider = createOpenAICompatible({ name: 'tare', baseURL, apiKey, includeUsage: true });
  let next = 0;
  let wrong = 0;
  const work = async () => {
    while (next < count) if (!(await ask(provider, seed, next++))) wrong += 1;
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  process.exitCode = wrong ? 1 : 0;
}

const [baseURL, apiKey, seed, count, ...more] = process.argv.slice(2);
if (count === undefined || more.length) {
  console.error('usage: node vercel_ai.mjs BASE_URL API_KEY SEED COUNT');
  process.exit(2);
}
await main(baseURL, apiKey, Number(seed), Number(count));
