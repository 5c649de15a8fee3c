/* Leaves whatever is unpleasant to list, read or remove: FIFO, links, sparse file, unreadable, bad
 * names.
 *
 * @row hostile-files
 * @row escapes
 * @points 6
 * @fails no-leftover-files no-leftover-ipc
 * @says left behind
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    static const char *const names[] = {"new\nline",
                                        "\n::error::pwned",
                                        "\033[2J\033]0;pwned\007",
                                        "\xff\xfe\x80",
                                        "\xc2\x9b"
                                        "31m",
                                        "=cmd|'calc'!A0",
                                        "]]><script>&",
                                        " ",
                                        "-rf",
                                        "*",
                                        "\r\x01\x7f"};

    mkfifo("fifo", 0600);
    symlink("/etc/shadow", "shadow");
    symlink("/proc/1/environ", "environ");
    symlink("loop", "loop");
    symlink("/dev/zero", "zero");
    symlink("/", "root");
    mkdir("closed", 0700);
    close(open("closed/inside", O_CREAT | O_WRONLY, 0000));
    mkdir("closed/deeper", 0000);
    chmod("closed", 0000);
    int fd = open("sparse", O_CREAT | O_WRONLY, 0000);
    signal(SIGXFSZ, SIG_IGN);
    if (fd != -1 && ftruncate(fd, 10LL << 30) == -1 && ftruncate(fd, 8LL << 20) == -1)
        return 1;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        close(open(names[i], O_CREAT | O_WRONLY, 0600));
    chmod(".", 0000);
    return answer(argc, argv);
}
