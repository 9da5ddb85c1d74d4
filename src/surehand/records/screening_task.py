"""Screening is done by a worker, a task a service: after an import, and when words change."""

from collections.abc import Iterable

from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from surehand.people.models import Service


@task()
def screen_later(service: int) -> None:
    """Screen a service, by a worker."""
    # What reads and compiles is loaded only where it is used.
    from surehand.records.screening_run import screen_service

    screen_service(Service.objects.get(pk=service))


def soon(services: Iterable[int]) -> None:
    """Have these services screened by a worker; one that waits already is not asked again.
    `surehand due` does what no worker has done."""
    wanted = set(services)
    if not wanted:
        return
    waiting = {
        service
        for said in DBTaskResult.objects.filter(
            task_path=screen_later.module_path, status=TaskResultStatus.READY
        ).values_list("args_kwargs", flat=True)
        for service in said["args"]
    }
    for service in sorted(wanted - waiting):
        screen_later.enqueue(service)
