"""The calls of bbb-webhooks (`src/out/webhooks/api/api.js`)."""

from werkzeug.wrappers import Response

from .answers import element, elements, success, wrap
from .calls import Call
from .failures import Failed, ServerBroke
from .hooks import Hook

#: What the server reads as JSON; anything else breaks it.
_FLAGS = {"": False, "true": True, "false": False}


def create_hook(call: Call) -> Response:
    """Register an address; one that is registered already stays as it is."""
    given = call.parameters
    url = given.get("callbackURL")
    if url is None:
        raise Failed("missingParamCallbackURL", "The parameter callbackURL is missing.")
    raw = _FLAGS.get((given.get("getRaw") or "").lower())
    if raw is None:
        raise ServerBroke
    event_ids = given.get("eventID")
    hook, is_new = call.hooks.create(
        url,
        meeting_id=given.get("meetingID"),
        event_ids=None if event_ids is None else event_ids.split(","),
        raw=raw,
    )
    if not is_new:
        warning = elements(messageKey="duplicateWarning", message="This callback URL has a hook already.")
        return success(element("hookID", hook.hook_id) + warning)
    return success(elements(hookID=hook.hook_id, permanentHook=hook.permanent, rawData=hook.raw))


def list_hooks(call: Call) -> Response:
    """List the hooks, or those that hear of one meeting."""
    meeting_id = call.parameters.get("meetingID")
    if meeting_id is None:
        hooks = call.hooks.all()
    else:
        # Since 3.4 the server stumbles where no hook is for that meeting alone.
        if call.hooks.options.generation == "3.4" and not call.hooks.of_meeting(meeting_id):
            raise Failed("listHookError", "The hooks could not be listed.")
        hooks = call.hooks.that_hear_of(meeting_id)
    return success(wrap("hooks", [_hook_xml(hook) for hook in hooks]))


def destroy_hook(call: Call) -> Response:
    """Remove a hook; a permanent one is as good as unknown."""
    hook_id = call.parameters.get("hookID")
    if hook_id is None:
        raise Failed("missingParamHookID", "The parameter hookID is missing.")
    if not call.hooks.destroy(hook_id):
        raise Failed("destroyMissingHook", "There is no hook with this id.")
    return success(element("removed", True))


def ping(call: Call) -> Response:
    """Say that the program runs."""
    return Response("bbb-webhooks up!", content_type="text/plain;charset=utf-8")


def _hook_xml(hook: Hook) -> str:
    parts = [element("hookID", hook.hook_id), _cdata("callbackURL", hook.callback_url)]
    if hook.meeting_id is not None:
        parts.append(_cdata("meetingID", hook.meeting_id))
    if hook.event_ids is not None:
        parts.append(element("eventID", ",".join(hook.event_ids)))
    parts.append(elements(permanentHook=hook.permanent, rawData=hook.raw))
    return wrap("hook", parts)


def _cdata(name: str, text: str) -> str:
    # The server writes the end of a section as it is, and its answer is broken then; ours stays well-formed.
    return f"<{name}><![CDATA[{text}]]></{name}>\n" if "]]>" not in text else element(name, text)
