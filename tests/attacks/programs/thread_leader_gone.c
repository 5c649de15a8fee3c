/* The first thread exits, another stays: to some the process looks dead. It then answers.
 *
 * @row daemons
 * @right
 */
#include "attack.h"
#include <pthread.h>

static char **arguments;

static void *late(void *unused)
{
    (void)unused;
    answer(3, arguments);
    exit(0);
}

int main(int argc, char *argv[])
{
    pthread_t thread;

    (void)argc;
    arguments = argv;
    if (pthread_create(&thread, NULL, late, NULL) != 0)
        return 1;
    pthread_exit(NULL);
}
