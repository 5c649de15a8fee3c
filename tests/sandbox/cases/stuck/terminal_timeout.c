/* Reads a terminal that gives up waiting after a fifth of a second. */
#include "case.h"
#include <termios.h>

int main(void)
{
    struct termios mode;
    char byte;
    check(tcgetattr(STDIN_FILENO, &mode), "tcgetattr");
    mode.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
    mode.c_cc[VMIN] = 0;
    mode.c_cc[VTIME] = 2;
    check(tcsetattr(STDIN_FILENO, TCSANOW, &mode), "tcsetattr");
    check(read(STDIN_FILENO, &byte, 1), "read");
    return 0;
}
