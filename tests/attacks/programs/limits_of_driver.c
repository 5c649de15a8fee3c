/* Sets the driver's limits to nothing: descriptors, CPU time, memory, sizes of files.
 *
 * @row priorities
 */
#include "attack.h"
#include <sys/resource.h>

int main(void)
{
    struct rlimit now, zero = {0, 0};

    for (int resource = 0; resource < RLIM_NLIMITS; resource++) {
        refused(prlimit(1, resource, NULL, &now), "reading limits of process 1");
        refused(prlimit(1, resource, &zero, NULL), "limits of process 1");
        if (getppid() > 1)
            refused(prlimit(getppid(), resource, &zero, NULL), "limits of the parent");
    }
    return done();
}
