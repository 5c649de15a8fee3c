/* Bends the terminal that it shares with the driver: stopped, exclusive, raw and with time-outs,
 * another discipline, no longer its own; then it says the sum.
 *
 * @row output
 * @row kill
 * @exercise on-a-terminal
 * @fails-some no-stray-processes exit output steps stuck
 * @points 0..5
 */
#include "attack.h"
#include <sys/ioctl.h>
#include <termios.h>

int main(int argc, char *argv[])
{
    static const int disciplines[] = {27 /* N_NULL */, 3, 13, 21, 0};
    struct termios mode;

    signal(SIGTTOU, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    tcgetattr(0, &mode);
    cfmakeraw(&mode);
    mode.c_cc[VMIN] = 255;
    mode.c_cc[VTIME] = 1;
    mode.c_iflag |= IXON | IXOFF;
    tcsetattr(0, TCSANOW, &mode);
    ioctl(0, TIOCEXCL);
    ioctl(0, TIOCPKT, &(int){1});
    ioctl(0, TIOCSPTLCK, &(int){1});
    ioctl(0, TIOCSWINSZ, &(struct winsize){65535, 65535, 65535, 65535});
    ioctl(0, TIOCCONS);
    refused(ioctl(0, TIOCSTI, "x"), "TIOCSTI");
    tcflush(0, TCIOFLUSH);
    if (fork() == 0) { /* typed for it, and nobody takes it out */
        for (size_t i = 0; i < sizeof disciplines / sizeof disciplines[0]; i++)
            ioctl(0, TIOCSETD, &disciplines[i]);
        setsid();
        for (;;)
            pause();
    }
    ioctl(0, TIOCNOTTY);
    answer(argc, argv);
    tcflow(0, TCOOFF);
    ioctl(0, TIOCSETD, &disciplines[0]);
    return write(1, argv, 4) == 5;
}
