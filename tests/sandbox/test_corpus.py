"""A short part of the corpus of small programs (tests/corpus) through the whole grader, schedules and all.

Each is graded once with -O2, a part also with -O0: a wrong one fails in every run, a right one in none. All of it,
many times, on a busy machine: `python -m bench.corpus`. `make test PYTEST="-m 'not corpus'"` leaves this out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.corpus import OWN, SHORT, Corpus, Program, play, programs
from tests.sandbox.conftest import SANDBOX

ALL = tuple(programs(OWN))
# Of calls that were not looked at once, so that right programs were accused, or wrong ones were not.
MENDED = (
    *("bad/count_taken_in_two_steps", "ok/flag_reset_before_the_look", "ok/setval_gives_back"),
    *("bad/raw_fork_no_lock", "bad/clone_no_lock", "bad/raw_write_before_data", "bad/asm_without_lock"),
    *("ok/asm_spin_lock", "ok/shutdown_eof", "ok/many_messages", "ok/inotify_tells", "ok/directory_polled"),
    *("ok/paths_at", "ok/renamed_at", "ok/linked_at", "ok/statx_polled", "ok/mode_polled", "ok/end_polled_by_lseek"),
    *("ok/eventfd_functions", "ok/vectors_at_offsets", "ok/asynchronous_io", "ok/pidfd_signal", "ok/tgkill_tells"),
    *("ok/queue_length_polled", "ok/clockjoin", "ok/raw_kill_and_write", "ok/three_hundred_forks"),
    *("ok/ticket_taken_by_unlink", "ok/thread_in_semop"),
    *("ok/semop_passes_baton", "ok/record_lock_of_killed", "ok/record_lock_of_two_threads", "ok/flock_passed_on"),
    *("bad/handler_local", "bad/handler_strcpy", "bad/handler_counts_down", "bad/fence_before_data"),
    *("bad/timedlock_ignored", "bad/file_mapped_larger", "bad/atfork_child", "bad/timer_thread_no_lock"),
    *("ok/handler_local", "ok/handler_and_program_blocked", "ok/lock_by_fences", "ok/gives_up_in_time"),
    *("ok/threads_end_with_process", "ok/file_mapped_in_parts", "ok/library_with_lock", "ok/atfork"),
    *(
        "ok/record_lock_fclose",
        "ok/unmaps_a_part",
        "ok/getc_unlocked",
        "ok/buffered_until_exit",
        "ok/two_flags_one_fence",
    ),
    *("bad/setval_lets_in_twice", "bad/far_locks_apart", "bad/cleanup_unlocks_first", "bad/vfork_no_lock"),
    *("bad/handler_counts_in_shared_memory", "ok/handler_blocked_in_shared_memory"),
    *("bad/writes_after_stop", "bad/zero_device_inherited", "bad/flock_upgrade_write", "bad/futex_unlocked_early"),
    *("ok/setval_gate", "ok/setval_starts", "ok/parent_death_signal", "ok/stopped_child_signals", "ok/group_polled"),
    *("ok/proc_polled", "ok/lock_taken_polled", "ok/far_record_lock", "ok/record_downgrade", "ok/cancel_tells"),
    *("ok/cancelled_in_cond_wait", "ok/connect_waits_for_room", "ok/send_fails", "ok/futex_lock_pi", "ok/vfork_writes"),
    *("ok/vfork_exec_fails", "ok/robust_thread_dies", "ok/zero_device", "ok/pending_polled", "ok/waiters_for_zero"),
    *("bad/asks_then_pauses", "ok/asks_at_each_tick"),
    *("bad/writes_after_removal", "ok/set_removed_tells", "ok/key_gone_polled", "ok/shm_name_lock", "ok/sem_name_lock"),
    *("ok/mqueue_made_tells", "ok/directory_emptied"),
    *("dead/tcp_time_wait", "dead/tcp_half_closed", "dead/sendfile_full_socket", "dead/main_left_recv"),
    *("dead/main_thread_left", "live/timer_continues_it", "live/timer_of_the_parent", "live/sigio_self_pipe"),
    *("live/dnotify_self_pipe", "bad/fork_by_library_no_lock", "ok/sem_open_each_time", "ok/flock_left_to_child"),
    *("ok/forks_in_handler_twice", "ok/aio_suspended", "ok/wide_lines", "ok/locks_of_threads_in_segment"),
    *("ok/nowait_zero_poll", "ok/page_for_each_round", "ok/windows_of_a_file", "ok/fault_then_post"),
    *("ok/tcp_peer_gone", "ok/stdio_of_all_kinds"),
)


def _name(program: Program) -> str:
    return program.place.partition("/")[2]


CHOSEN = tuple(program for program in ALL if _name(program) in {*SHORT, *MENDED})

pytestmark = pytest.mark.corpus


# Those that were mended once do not depend on the compiler.
PLAYED = [(flag, program) for flag in ("-O0", "-O2") for program in CHOSEN if flag == "-O2" or _name(program) in SHORT]


@pytest.fixture(scope="module")
def corpus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    made = Corpus(OWN, tmp_path_factory.mktemp("corpus"), [request.param], SANDBOX)
    yield made
    made.backend.close()


@pytest.mark.parametrize(
    ("corpus", "program"), PLAYED, indirect=["corpus"], ids=[f"{program.place}{flag}" for flag, program in PLAYED]
)
def test_a_wrong_program_fails_and_a_right_one_does_not(corpus: Corpus, program: Program) -> None:
    outcome = play(corpus, program, 1, [])
    assert outcome.wrong_verdicts == 0, dict(outcome.told)
    if program.kind == "stuck" and program.wrong:
        assert list(outcome.told) == ["stuck"], "it was known only when the time was over"


def test_the_lists_name_programs_that_there_are() -> None:
    assert sorted(map(_name, CHOSEN)) == sorted((*SHORT, *MENDED))


@pytest.mark.parametrize("program", ALL, ids=lambda program: program.place)
def test_the_first_line_says_what_the_program_is(program: Program) -> None:
    folder = Path(program.place).parent.name
    words = {"bad": "Wrong", "ok": "Right", "dead": "Dead", "live": "Live"}[folder]
    assert program.source.read_text(encoding="ascii").startswith(f"/* {words}: ")
