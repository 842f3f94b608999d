"""Writing to the Hugging Face Hub: what it refuses, in one sentence each."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from huggingface_hub import constants, get_token
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

from resnet_demo.checkpoints.hub import check_endpoint, hub_id
from resnet_demo.environment import check_network
from resnet_demo.errors import DemoError


@contextmanager
def writing_to(repository: str) -> Iterator[None]:
    """Raises DemoError where there is no token, where `repository` is not "owner/name", and where the Hub refuses.

    And, as `hub.get`, for a proxy, certificates or an address of the Hub that cannot be used.
    """
    check_network()
    check_endpoint()
    if not hub_id(repository) or "@" in repository:
        raise DemoError("hub_name", name=repository)
    if not get_token():
        raise DemoError("hub_no_token", endpoint=constants.ENDPOINT)
    try:
        yield
    except (httpx2.TransportError, OfflineModeIsEnabled) as error:
        raise DemoError("hub_unreachable", endpoint=constants.ENDPOINT) from error
    except HfHubHTTPError as error:
        raise _refusal(repository, error) from error


def _refusal(repository: str, error: HfHubHTTPError) -> DemoError:
    """What the Hub's refusal means, and what to do."""
    status, message = error.response.status_code, (error.server_message or "").strip().split("\n")[0]
    if status == 401:
        return DemoError("hub_token", endpoint=constants.ENDPOINT)
    if status in (402, 413, 507) or "quota" in message.lower() or "limit" in message.lower():
        return DemoError("hub_quota", name=repository, reason=message or status, endpoint=constants.ENDPOINT)
    if status == 403:
        return DemoError("hub_right", name=repository)
    if status == 409:
        return DemoError("hub_taken", name=repository)
    return DemoError("hub_write_failed", endpoint=constants.ENDPOINT, name=repository, reason=message or status)
