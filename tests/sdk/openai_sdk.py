"""Sends mixed chat requests with OpenAI's own Python client, eight at a time, and checks each reply.

    openai_sdk.py BASE_URL API_KEY SEED COUNT

Prints one JSON line for each request: its tag `openai-SEED-N`, whether the reply was right (and if not, why), the
usage that the client was told, and for replies that are not streamed the header X-Tare-Cost. The caller compares
these with what the demo upstream would bill for the tag. Exits with 1 when a reply was wrong. Nothing is retried,
so that each tag is one call upstream.
"""

import asyncio
import json
import random
import sys

from openai import AsyncOpenAI

AT_ONCE = 8
MODELS = ["demo/small", "demo/large", "demo/reports-cost"]
QUESTIONS = [
    "What does a feather weigh?",
    "Grüße aus Łódź! Was kostet 1 kg 🍎 bei 3,20 €? 値段は？",
    "Count the apples. " * 400,
    '{"json": "inside \\"quotes\\"", "tab": "\\t", "line": "\\n"}',
]
# What a provider may report besides plain tokens; the demo upstream does as it is told in double brackets.
SPLIT = "[[cut=3 split_utf8]]"
REPORTS = ["[[p=1000 cr=300]]", "[[p=900 cr=200 cw=100]]", "[[reasoning=7]]", SPLIT]
# How a reply begins whose characters were sent in pieces.
MANY_BYTES = "Grüße aus Łódź: 🍎🍋 kosten drei €, 茶も少し。 "
COUNTS = ["prompt_tokens", "completion_tokens", "total_tokens"]
TOOL = {
    "type": "function",
    "function": {
        "name": "weigh",
        "description": "Weighs a thing.",
        "parameters": {"type": "object", "properties": {"thing": {"type": "string"}}, "required": ["thing"]},
    },
}


def make_request(seed, number):
    """The request with this number: the same for the same seed, whatever ran before it."""
    dice = random.Random(f"{seed}-{number}")
    tag = f"openai-{seed}-{number}"
    question = f"{dice.choice(QUESTIONS)} (no. {number})"
    # The demo upstream repeats the beginning of the question, so a byte lost on the way shows.
    beginning = f'You said: "{question[:100]}'
    if dice.random() < 0.25:
        report = dice.choice(REPORTS)
        question += f" {report}"
        beginning = MANY_BYTES + beginning if report == SPLIT else beginning
    in_parts = dice.random() < 0.25
    messages = [{"role": "user", "content": [{"type": "text", "text": question}] if in_parts else question}]
    if dice.random() < 0.4:
        messages[:0] = [{"role": "user", "content": "Hello."}, {"role": "assistant", "content": "Good day."}]
    if dice.random() < 0.5:
        messages.insert(0, {"role": "system", "content": "You are a greengrocer."})
    request = {"model": dice.choice(MODELS), "messages": messages, "user": tag}
    if dice.random() < 0.4:
        request[dice.choice(["max_tokens", "max_completion_tokens"])] = dice.choice([10, 16, 40, 4000])
    if dice.random() < 0.25:
        request |= {"tools": [TOOL], "tool_choice": "auto"}
    # Tare keeps the name of a project with the charge, so the caller can find it by the tag.
    request["extra_headers"] = {"x-tare-project": tag} | ({"x-demo-tag": tag} if dice.random() < 0.3 else {})
    if dice.random() < 0.5:
        request["stream"] = True
        if dice.random() < 0.7:
            request["stream_options"] = {"include_usage": True}
    return tag, beginning, request


async def send(client, request):
    """The reply's text, why it ended, its usage and the cost that the header names."""
    if not request.get("stream"):
        raw = await client.chat.completions.with_raw_response.create(**request)
        reply = raw.parse()
        [choice] = reply.choices
        return choice.message.content, choice.finish_reason, reply.usage, raw.headers.get("x-tare-cost")
    text, finish, usage = "", None, None
    async for chunk in await client.chat.completions.create(**request):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
    return text, finish, usage, None


def judge(request, beginning, text, finish, usage):
    """Why the reply is wrong; None when it is right."""
    if not text:
        return "no content"
    if not text.startswith(beginning[:len(text)]):
        return f"the reply begins {text[:60]!r}, not {beginning[:60]!r}"
    if finish not in ("stop", "length"):
        return f"finish_reason {finish!r}"
    if usage is None:
        asked = not request.get("stream") or "stream_options" in request
        return "no usage" if asked else None
    if usage.total_tokens != usage.prompt_tokens + usage.completion_tokens or usage.completion_tokens < 1:
        return f"usage {usage!r}"
    limit = request.get("max_tokens") or request.get("max_completion_tokens")
    return f"{usage.completion_tokens} tokens of at most {limit}" if limit and usage.completion_tokens > limit else None


async def ask(client, turn, seed, number):
    tag, beginning, request = make_request(seed, number)
    line = {"tag": tag, "model": request["model"], "stream": "stream" in request, "usage": None, "cost": None}
    async with turn:
        try:
            text, finish, usage, line["cost"] = await send(client, request)
            line["usage"] = usage and {name: getattr(usage, name) for name in COUNTS}
            line["error"] = judge(request, beginning, text, finish, usage)
        except Exception as error:  # whatever the client makes of a bad reply is the finding
            line["error"] = f"{type(error).__name__}: {error}"
    line["ok"] = line["error"] is None
    print(json.dumps(line), flush=True)
    return line["ok"]


async def main(base_url, api_key, seed, count):
    turn = asyncio.Semaphore(AT_ONCE)
    async with AsyncOpenAI(base_url=base_url, api_key=api_key, max_retries=0, timeout=60) as client:
        right = await asyncio.gather(*(ask(client, turn, seed, number) for number in range(int(count))))
    sys.exit(0 if all(right) else 1)


if len(sys.argv) != 5:
    sys.exit(__doc__)
asyncio.run(main(*sys.argv[1:]))
