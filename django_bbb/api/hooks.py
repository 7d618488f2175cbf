"""Calls of bbb-webhooks, which tells an address of yours what happens on the server."""

from typing import Unpack

from . import parameters
from .arguments import CreateHookArguments, DestroyHookArguments, ListHooksArguments
from .connection import Connection
from .responses import CreatedHook, Hook, Listing


class Hooks:
    """Calls about hooks; use them as ``client.hooks``.

    bbb-webhooks is installed beside BigBlueButton; where it is not, and behind most balancers, each of these
    raises `UnsupportedCall`.  Before its version 3.0 it knew SHA-1 only: give the client
    ``hooks_algorithm="sha1"``.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create_hook(self, **arguments: Unpack[CreateHookArguments]) -> CreatedHook:
        """Register an address; the same address again finds the hook that is there (``already_existed``).

        Takes the fields of `django_bbb.api.parameters.CreateHookParameters`.  The address alone tells hooks
        apart, whatever meeting and events they are for: use one of its own for each.  A hook whose address fails
        for some minutes is removed.
        """
        root = self._connection.call("hooks/create", arguments, parameters.CreateHookParameters)
        with self._connection.reading("hooks/create"):
            return CreatedHook.from_xml(root)

    def list_hooks(self, **arguments: Unpack[ListHooksArguments]) -> Listing[Hook]:
        """Return the hooks, or those that hear of one meeting.

        Takes the fields of `django_bbb.api.parameters.ListHooksParameters`.  bbb-webhooks 3.5.0 refuses a
        ``meeting_id`` that no hook is for (``listHookError``).
        """
        root = self._connection.call("hooks/list", arguments, parameters.ListHooksParameters)
        return self._connection.read_each("hooks/list", root.iterfind("hooks/hook"), Hook.from_xml)

    def destroy_hook(self, **arguments: Unpack[DestroyHookArguments]) -> None:
        """Remove a hook; raises `HookNotFound` where it is gone, and for a permanent one.

        Takes the fields of `django_bbb.api.parameters.DestroyHookParameters`.
        """
        self._connection.call("hooks/destroy", arguments, parameters.DestroyHookParameters)
