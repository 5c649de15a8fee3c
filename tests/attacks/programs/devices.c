/* Makes device nodes by every call, opens those that are there, and looks for more.
 *
 * @row hostile-files
 * @row kernel
 */
#include "attack.h"
#include <sys/sysmacros.h>

int main(void)
{
    static const char *const nodes[] = {"/dev/mem",
                                        "/dev/kmem",
                                        "/dev/port",
                                        "/dev/kmsg",
                                        "/dev/sda",
                                        "/dev/vda",
                                        "/dev/nvme0n1",
                                        "/dev/loop0",
                                        "/dev/loop-control",
                                        "/dev/fuse",
                                        "/dev/kvm",
                                        "/dev/net/tun",
                                        "/dev/mapper/control",
                                        "/dev/vsock",
                                        "/dev/vhost-net",
                                        "/dev/userfaultfd",
                                        "/dev/input/event0",
                                        "/dev/snd",
                                        "/dev/dri",
                                        "/dev/hwrng",
                                        "/dev/rtc0",
                                        "/dev/watchdog",
                                        "/dev/tty0",
                                        "/dev/tty1",
                                        "/dev/console",
                                        "/dev/ttyS0",
                                        "/dev/cpu/0/msr",
                                        "/dev/bsg",
                                        "/dev/uinput"};
    static const int kinds[] = {S_IFCHR, S_IFBLK};

    for (size_t i = 0; i < sizeof nodes / sizeof nodes[0]; i++) {
        int fd = open(nodes[i], O_RDONLY | O_NONBLOCK | O_NOCTTY);
        held(fd == -1, nodes[i]);
    }
    for (size_t k = 0; k < 2; k++) {
        refused(mknod(TAG, (mode_t)kinds[k] | 0666, makedev(8, 0)), "mknod of a disk");
        refused(mknod("/tmp/" TAG, (mode_t)kinds[k] | 0666, makedev(1, 1)), "mknod of memory");
        refused(mknod("/dev/shm/" TAG, (mode_t)kinds[k] | 0666, makedev(1, 1)),
                "mknod in /dev/shm");
    }
    return done();
}
