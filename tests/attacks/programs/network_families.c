/* Sockets of every family but UNIX, INET and INET6: each is code of the kernel that no exercise
 * needs.
 *
 * @row network
 * @row kernel
 */
#include "attack.h"

int main(void)
{
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_RDM};
    char what[60];

    for (int family = 0; family < 50; family++) {
        if (family == AF_UNIX || family == AF_INET || family == AF_INET6)
            continue;
        for (size_t i = 0; i < 5; i++) {
            snprintf(what, sizeof what, "a socket of family %d, type %d", family, types[i]);
            int fd = socket(family, types[i], 0);
            held(fd == -1, what);
            if (fd != -1)
                close(fd);
        }
        int ends[2];
        refused(socketpair(family, SOCK_STREAM, 0, ends), what);
    }
    /* The same by the number with high bits set, which a filter may compare as 64 bits. */
    refused(syscall(SYS_socket, AF_NETLINK | (1ULL << 32), SOCK_RAW, 0),
            "AF_NETLINK with a high bit");
    refused(syscall(SYS_socket, AF_VSOCK | (1ULL << 40), SOCK_STREAM, 0),
            "AF_VSOCK with a high bit");
    return done();
}
