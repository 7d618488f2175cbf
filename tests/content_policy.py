"""A content policy that allows nothing inline, sent as sites send theirs: by Django's own middleware since it has one
(6.0), and by django-csp before.
"""

from typing import Any

import django

DIRECTIVES = {"default-src": ["'none'"]} | {
    what: ["'self'"] for what in ("script-src", "style-src", "img-src", "connect-src", "form-action")
}
TEXT = "; ".join(f"{name} {' '.join(sources)}" for name, sources in DIRECTIVES.items())

#: Counts what the policy blocks, before anything else runs.
COUNT = "window.blocked = []; addEventListener('securitypolicyviolation', (e) => blocked.push(e.violatedDirective))"


def send_with_each_page(settings: Any, **more: list[str]) -> None:
    """Have the site send the policy; ``more`` are directives besides, such as ``frame_src``."""
    directives = DIRECTIVES | {name.replace("_", "-"): sources for name, sources in more.items()}
    if django.VERSION >= (6,):
        settings.SECURE_CSP = directives
        middleware = "django.middleware.csp.ContentSecurityPolicyMiddleware"
    else:
        settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives}
        middleware = "csp.middleware.CSPMiddleware"
    if middleware not in settings.MIDDLEWARE:
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, middleware]
