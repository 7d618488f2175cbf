"""For the pages a site builds by itself: the meeting, and who may see what of it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from django_bbb.exceptions import JoinDenied
from django_bbb.services.editing import may_edit
from django_bbb.services.joining import Admission, Why

from .base import MeetingView


class MeetingMixin(MeetingView):
    """Goes first among the bases of a class-based view: ``class Lesson(MeetingMixin, TemplateView)``.

    The page has ``self.meeting``, ``self.admission`` and ``self.guest``, and so has its template; it is for people
    who belong to the meeting, also while nobody may enter.  Who does not is told why, on a page of ours.

    A site overrides `get_meeting` where its address has no ``meeting_id``, and `lets_in` to decide otherwise.
    """

    def lets_in(self, admission: Admission) -> bool:
        return admission.belongs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the meeting, what the person is in it, and the guest to what the other bases tell the template."""
        known = {"meeting": self.meeting, "admission": self.admission, "guest": self.guest}
        others: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return known | others


class ModeratorRequiredMixin(MeetingMixin):
    """For those who moderate the meeting, also by a code or a link."""

    def lets_in(self, admission: Admission) -> bool:
        return admission.is_moderator or self._turn_away(_("Only moderators of this class see this page."), admission)

    def _turn_away(self, reason: Any, admission: Admission) -> bool:
        """Say no: to whoever has no account by the way to log in, or by what the policy says."""
        if not self.request.user.is_authenticated:
            raise JoinDenied(_("Log in to see this page."), why=Why.SIGN_IN)
        if not admission.belongs:
            return False
        raise JoinDenied(reason)


class EditorRequiredMixin(ModeratorRequiredMixin):
    """For those who may change the meeting itself, as `django_bbb.services.editing.may_edit` says."""

    def lets_in(self, admission: Admission) -> bool:
        return may_edit(user=self.request.user, meeting=self.meeting) or self._turn_away(
            _("Only those whose room this is change it. Ask its teacher."), admission
        )
