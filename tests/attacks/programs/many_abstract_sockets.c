/* A stray with abstract sockets of every odd name, and lines in them that look like others of the
 * table.
 *
 * @row daemons
 * @row network
 * @row escapes
 * @points 6
 * @fails no-leftover-ipc no-stray-processes
 */
#include "attack.h"
#include <sys/un.h>

int main(int argc, char *argv[])
{
    static const char *const names[] = {
        "\n0000000000000000: 00000002 00000000 00010000 0001 01 99999999999999999999999 /work/fake",
        "\nx: 2 0 zz 1 1 1 y",
        " ",
        "\t\r\v",
        "\xff\xfe\033[2J",
        "@@@",
        "\n\n\n"};

    answer(argc, argv);
    if (fork() == 0) {
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            struct sockaddr_un address = {.sun_family = AF_UNIX};
            int fd = socket(AF_UNIX, i % 2 ? SOCK_DGRAM : SOCK_SEQPACKET, 0);
            strncpy(address.sun_path + 1, names[i], sizeof address.sun_path - 1);
            bind(fd, (struct sockaddr *)&address,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(names[i])));
        }
        for (;;)
            pause();
    }
    return 0;
}
