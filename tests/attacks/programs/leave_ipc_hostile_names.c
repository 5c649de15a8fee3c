/* Leaves POSIX objects whose names hold newlines, escapes, XML and GitHub commands, and bytes that
 * are no UTF-8.
 *
 * @row escapes
 * @points 7
 * @fails no-leftover-ipc
 * @says POSIX
 */
#include "attack.h"
#include <mqueue.h>
#include <semaphore.h>

int main(int argc, char *argv[])
{
    shm_open("/\n::error::pwned\n", O_CREAT | O_RDWR, 0600);
    shm_open("/\033[2J\033]0;pwned\007", O_CREAT | O_RDWR, 0600);
    shm_open("/]]><script>alert(1)<&\"'", O_CREAT | O_RDWR, 0600);
    shm_open("/=cmd|'calc'!A0", O_CREAT | O_RDWR, 0600);
    sem_open("/\xff\xfe\x80", O_CREAT, 0600, 1);
    mq_open("/\r\x01\x02\x1f\x7f\xc2\x9b", O_CREAT | O_RDWR, 0600, NULL);
    return answer(argc, argv);
}
