/* Makes the driver slow: its priority, scheduling class, processors and I/O class.
 *
 * @row priorities
 */
#include "attack.h"
#include <sys/resource.h>

int main(void)
{
    struct sched_param least = {.sched_priority = 0};
    const pid_t drivers[] = {1, getppid()};
    cpu_set_t all;

    CPU_ZERO(&all);
    CPU_SET(0, &all);
    for (int i = 0; i < 2; i++) {
        if (drivers[i] == 0)
            continue;
        refused(setpriority(PRIO_PROCESS, (id_t)drivers[i], 19), "making the driver nice");
        refused(sched_setscheduler(drivers[i], SCHED_IDLE, &least), "making the driver idle");
        refused(sched_setscheduler(drivers[i], SCHED_BATCH, &least),
                "making the driver a batch job");
        refused(sched_setaffinity(drivers[i], sizeof all, &all),
                "binding the driver to a processor");
        refused(syscall(SYS_ioprio_set, 1, drivers[i], 3 << 13), "the I/O priority of the driver");
    }
    return done();
}
