"""What was asked for with many recordings: how far it is, what failed and why, and another try."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from django_bbb import broker, tasks
from django_bbb.models import RecordingJob

from .base import ModelAdmin
from .recording_acts import ALL_ACTS

#: Seconds between two looks of the page that shows how far a job is.
_REFRESH = 3

#: So many failures and jobs are listed.
_MOST = 100


class RecordingJobs(ModelAdmin):
    """The pages of jobs, for those who may view recordings."""

    def get_job_urls(self) -> list[URLPattern]:
        """Return what goes before the pages of single recordings."""
        wrap = self.admin_site.admin_view
        return [
            path("jobs/", wrap(require_GET(self.jobs_view)), name="django_bbb_recording_jobs"),
            path("jobs/<int:pk>/", wrap(require_GET(self.job_view)), name="django_bbb_recording_job"),
            path(
                "jobs/<int:pk>/try-again/", wrap(require_POST(self.retry_view)), name="django_bbb_recording_try_again"
            ),
        ]

    def start_job(
        self, request: HttpRequest, *, action: str, arguments: dict[str, Any], keys: list[int]
    ) -> HttpResponse:
        """Write a job down, hand it to a worker, and go to its page."""
        job = RecordingJob.objects.start(action=action, arguments=arguments, user=request.user, recordings=keys)
        broker.enqueue(tasks.run_recording_job, job.pk)
        return self._to_job(job)

    def jobs_view(self, request: HttpRequest) -> HttpResponse:
        """List the last jobs."""
        self._check(self.has_view_permission(request))
        jobs = RecordingJob.objects.select_related("user")[:_MOST]
        return self._page(request, "jobs", {"jobs": jobs})

    def job_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show how far a job is; while it goes on the browser looks again by itself."""
        self._check(self.has_view_permission(request))
        job = get_object_or_404(RecordingJob.objects.select_related("user"), pk=pk)
        counts = job.count_results()
        total = sum(counts.values())
        failures = job.items.filter(result="failed").select_related("recording")[:_MOST]
        facts = {
            "job": job,
            "counts": counts,
            "total": total,
            "settled": total - counts["waiting"],
            "failures": failures,
            "may_try_again": job.finished_at and counts["failed"] and self._may(request, job),
        }
        response = self._page(request, "job", facts)
        if job.finished_at is None:
            response["Refresh"] = str(_REFRESH)
        return response

    def retry_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Try again what has failed."""
        job = get_object_or_404(RecordingJob, pk=pk)
        self._check(self.has_view_permission(request) and self._may(request, job))
        count = job.retry_failures()
        if count:
            broker.enqueue(tasks.run_recording_job, job.pk)
            text = ngettext("%(count)d recording is tried again.", "%(count)d recordings are tried again.", count)
            self.message_user(request, text % {"count": count}, messages.SUCCESS)
        return self._to_job(job)

    def _may(self, request: HttpRequest, job: RecordingJob) -> bool:
        return bool(getattr(self, f"has_{ALL_ACTS[job.action].permission}_permission")(request))

    def _check(self, allowed: bool) -> None:
        if not allowed:
            raise PermissionDenied

    def _to_job(self, job: RecordingJob) -> HttpResponseRedirect:
        address = reverse("admin:django_bbb_recording_job", args=[job.pk], current_app=self.admin_site.name)
        return HttpResponseRedirect(address)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> TemplateResponse:
        request.current_app = self.admin_site.name
        known = self.admin_site.each_context(request) | {"opts": self.opts, "media": self.media}
        return TemplateResponse(request, f"admin/django_bbb/recording_{name}.html", known | context)
