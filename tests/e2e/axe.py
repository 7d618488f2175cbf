"""What axe finds on a page that shuts people out."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

_FIND = """async (options) => {
  // Colours on their way are no colours, and on a page that nobody draws they never arrive.
  for (const one of document.getAnimations()) {
    try { one.finish(); } catch { one.cancel(); } // what has no end
  }
  return (await axe.run({preload: false, iframes: false, ...options, resultTypes: ["violations"]})).violations
  .filter((one) => ["serious", "critical"].includes(one.impact))
  .flatMap((one) => one.nodes.map((node) => [one.id, node.target.flat().join(" "), node.html.slice(0, 150)]));
}"""


def find(page: Page, options: dict[str, Any] | None = None) -> list[list[str]]:
    """Return what is serious: the rule, where, and what stands there."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    found: list[list[str]] = page.evaluate(_FIND, options or {})
    return found
