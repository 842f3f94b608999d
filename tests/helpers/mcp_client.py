"""A real MCP client in a process of its own: lists an app's tools, calls some, and prints all as JSON.

`python -m tests.helpers.mcp_client URL CALLS`; `CALLS` is a JSON list of names and arguments.
"""

import asyncio
import json
import sys
from typing import Any

from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client


async def ask(url: str, calls: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    async with (
        streamablehttp_client(f"{url}/gradio_api/mcp/") as (reads, writes, _),
        ClientSession(reads, writes) as session,
    ):
        await session.initialize()
        tools = (await session.list_tools()).tools
        results = [await session.call_tool(name, arguments) for name, arguments in calls]
        return {
            "tools": {tool.name: tool.description for tool in tools},
            "results": [{"error": one.isError, "text": one.content[0].text} for one in results],
        }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(ask(sys.argv[1], json.loads(sys.argv[2])))))
