"""localstripe on loopback, keeping everything in memory: says its port, then serves until its input ends.

Its own command listens on every interface and writes all it knows to one file that it also loads. Here it does
neither. It also refuses some fields that Stripe takes; those are left out before it sees them.
"""

import asyncio
import json
import sys

from aiohttp import web
from localstripe import resources, server


# What Stripe takes with a payment, and localstripe refuses.
UNKNOWN = ("description", "return_url", "off_session", "statement_descriptor_suffix")

read = server.get_post_data


async def read_known(request, **options):
    data = await read(request, **options)
    if data and request.path.startswith("/v1/payment_intents"):
        data = {name: value for name, value in data.items() if name not in UNKNOWN}
    return data


server.get_post_data = read_known
resources.Store.dump_to_disk = lambda self: None


async def main():
    runner = web.AppRunner(server.app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(json.dumps({"port": site._server.sockets[0].getsockname()[1]}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


asyncio.run(main())
