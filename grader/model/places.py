"""Places of the source that a traced build tells of, as findings have them: words, locations, JSON."""

from __future__ import annotations

from typing import Any

from grader.model.verdict import Location
from grader.trace import FailedLock, HeldLock, Place, TracedAccess


def spot(place: Place | None) -> str:
    """ "shm_counter.c:38"; "" where it is not known."""
    if place is None or not place.file:
        return ""
    return f"{place.file}:{place.line}" if place.line else place.file


def in_line(place: Place | None) -> str:
    """ " at shm_counter.c:38"; "" where it is not known."""
    return f" at {spot(place)}" if spot(place) else ""


def at(place: Place | None, caller: Place | None = None) -> str:
    """ " at shm_counter.c:38 in take(), called from shm_counter.c:60"; "" where it is not known."""
    where = spot(place)
    if not where or place is None:
        return ""
    inside = f" in {place.function}()" if place.function and place.function != "main" else ""
    outer = spot(caller)
    return f" at {where}{inside}" + (f", called from {outer}" if outer and outer != where else "")


def located(*places: Place | None) -> tuple[Location, ...]:
    """Locations of those that are known, each line once."""
    known = {
        (place.file, place.line): Location(place.file, place.line, 0, place.function)
        for place in reversed(places)
        if place is not None and place.file and place.line
    }
    return tuple(reversed(known.values()))


def holding(held: tuple[HeldLock, ...], failed: FailedLock | None = None) -> str:
    """ "holding nothing", "holding semaphore 0 of set 3 (taken at x.c:40)"; and what was not had."""
    in_vain = ""
    if failed is not None:
        in_vain = f" (the call for {failed.name}{at(failed.place, failed.caller)} had failed: {failed.error})"
    if not held:
        return f"holding nothing{in_vain}"
    named = []
    for lock in held:
        taken = f"taken{at(lock.place, lock.caller)}" if spot(lock.place) else ""
        shared = "shared with others" if lock.shared else ""
        more = ", ".join(filter(None, [shared, taken]))
        named.append(f"{lock.name} ({more})" if more else lock.name)
    return "holding " + " and ".join(named) + in_vain


def place_json(place: Place | None) -> dict[str, Any] | None:
    """For `data` of a finding."""
    if place is None or not place.file:
        return None
    return {"file": place.file, "line": place.line, "function": place.function}


def _lock_json(lock: HeldLock | FailedLock) -> dict[str, Any]:
    return {"name": lock.name, "place": place_json(lock.place), "caller": place_json(lock.caller)}


def access_json(access: TracedAccess) -> dict[str, Any]:
    """For `data` of a finding."""
    return {
        "process": access.process,
        "what": access.what,
        "place": place_json(access.place),
        "caller": place_json(access.caller),
        "held": [{**_lock_json(lock), "shared": lock.shared} for lock in access.held],
        "failed": access.failed and {**_lock_json(access.failed), "error": access.failed.error},
        "gave": access.gave and _lock_json(access.gave),
        "atomic": access.atomic,
        "in_handler": access.in_handler,
        "order": access.order,
    }
