/* Better priorities, real-time scheduling, higher limits, core dumps, locked memory, for itself.
 *
 * @row priorities
 */
#include "attack.h"
#include <sys/resource.h>

int main(void)
{
    struct sched_param best = {.sched_priority = 1};
    struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY}, now;
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } deadline = {48, 6, 0, 0, 0, 1000000, 10000000, 10000000};

    refused(setpriority(PRIO_PROCESS, 0, -20), "setpriority(-20)");
    refused(sched_setscheduler(0, SCHED_FIFO, &best), "SCHED_FIFO");
    refused(sched_setscheduler(0, SCHED_RR, &best), "SCHED_RR");
    refused(syscall(SYS_sched_setattr, 0, &deadline, 0), "SCHED_DEADLINE");
    refused(syscall(SYS_ioprio_set, 1, 0, 1 << 13), "real-time I/O");
    for (int resource = 0; resource < RLIM_NLIMITS; resource++) {
        if (getrlimit(resource, &now) == 0 && now.rlim_max != RLIM_INFINITY)
            refused(setrlimit(resource, &none), "raising a limit");
    }
    held(getrlimit(RLIMIT_CORE, &now) == 0 && now.rlim_max == 0, "core dumps");
    held(getrlimit(RLIMIT_NPROC, &now) == 0 && now.rlim_max <= 24, "processes");
    held(getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_max <= 64, "descriptors");
    held(getrlimit(RLIMIT_FSIZE, &now) == 0 && now.rlim_max <= 8 << 20, "sizes of files");
    held(getrlimit(RLIMIT_CPU, &now) == 0 && now.rlim_max <= 10, "CPU time");
    refused(mlockall(MCL_CURRENT | MCL_FUTURE), "mlockall");
    int fd = open("/proc/self/oom_score_adj", O_WRONLY);
    held(fd == -1 || write(fd, "-1000", 5) == -1, "an OOM score of -1000");
    held(fd == -1 || write(fd, "0", 1) == -1, "an OOM score of 0");
    return done();
}
